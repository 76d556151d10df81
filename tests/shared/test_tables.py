"""The tables of a cache's store: what is put off answers as if it had been put at once."""

import pytest

from forkproxy.errors import StoreError
from forkproxy.shared.environment import FullError
from forkproxy.shared.tables import CacheStore

SIZE = 16 * 1024 * 1024


@pytest.fixture
def opened(tmp_path):
    with CacheStore(tmp_path, SIZE) as opened:
        yield opened


def entries(opened, start=b""):
    with opened.reading() as tables:
        return [(key, bytes(value)) for key, value in tables.entries.items(start)]


def test_what_was_put_is_there_when_all_is_over(opened):
    with opened.writing() as tables:
        tables.entries.put(b"b", b"2")
        tables.entries.put(b"a", b"1")
        tables.tags.put(b"t", b"b")
        tables.tags.put(b"t", b"a")
    assert entries(opened) == [(b"a", b"1"), (b"b", b"2")]
    assert entries(opened, b"aa") == [(b"b", b"2")]
    with opened.reading() as tables:
        assert tables.tags.values(b"t") == [b"a", b"b"]
        assert tables.tags.values(b"none") == []


def test_where_something_raises_nothing_is_stored(opened):
    with pytest.raises(ZeroDivisionError), opened.writing() as tables:
        tables.entries.put(b"a", b"1")
        raise ZeroDivisionError
    assert entries(opened) == []


def test_what_reads_changes_nothing(opened):
    with opened.reading() as tables:
        tables.entries.put(b"a", b"1")
    assert entries(opened) == []


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda tables: tables.entries.get(b"a"), b"2"),
        (lambda tables: tables.entries.get(b"none"), None),
        (lambda tables: tables.entries.look(b"a", b"a/"), (b"2", True)),
        (lambda tables: tables.entries.look(b"a", b"a:"), (b"2", False)),
        (lambda tables: tables.entries.look(b"none", b"none/"), (None, False)),
        (lambda tables: [key for key, _ in tables.entries.items()], [b"a", b"a/b"]),
        (lambda tables: [key for key, _ in tables.entries.items(b"a/")], [b"a/b"]),
        (lambda tables: tables.tags.values(b"t"), [b"a", b"a/b"]),
        (lambda tables: tables.entries.delete(b"a"), True),
        (lambda tables: tables.entries.delete(b"none"), False),
        (lambda tables: tables.tags.delete(b"t", b"a"), True),
        (lambda tables: tables.tags.delete(b"t", b"none"), False),
    ],
)
def test_what_was_put_off_is_answered(opened, ask, answer):
    with opened.writing() as tables:
        tables.entries.put(b"a", b"1")
        tables.entries.put(b"a", b"2")
        tables.entries.put(b"a/b", b"3")
        tables.tags.put(b"t", b"a")
        tables.tags.put(b"t", b"a/b")
        assert ask(tables) == answer


def test_what_is_deleted_or_cleared_after_it_was_put_off_is_gone(opened):
    with opened.writing() as tables:
        tables.entries.put(b"a", b"1")
        tables.entries.put(b"b", b"2")
        assert tables.entries.delete(b"a")
        tables.tags.put(b"t", b"b")
        tables.tags.clear()
        tables.sums.put(b"s", b"")
    assert entries(opened) == [(b"b", b"2")]
    with opened.reading() as tables:
        assert tables.tags.values(b"t") == []


def test_more_than_is_put_off_at_once_is_stored(opened):
    with opened.writing() as tables:
        for number in range(1000):
            tables.entries.put(b"%04d" % number, b"x")
    assert len(entries(opened)) == 1000


def test_a_put_that_fails_takes_all_with_it_and_the_next_goes_well(opened):
    with pytest.raises(FullError, match="MDB_MAP_FULL"), opened.writing() as tables:
        for number in range(300):
            tables.entries.put(b"%d" % number, b"x" * 100_000)
    with pytest.raises(StoreError, match="MDB_BAD_VALSIZE"), opened.writing() as tables:
        tables.entries.put(b"good", b"1")
        tables.entries.put(b"x" * 600, b"key too long")
    with opened.writing() as tables:
        tables.entries.put(b"a", b"1")
    assert entries(opened) == [(b"a", b"1")]


def test_room_ends_before_the_map_does(opened):
    with opened.writing() as tables:
        room = tables.room
        assert SIZE // 4 < room < SIZE
        tables.take(room)
        with pytest.raises(FullError):
            tables.take(1)
    with opened.writing() as tables:
        tables.entries.put(b"a", b"x" * 100_000)
    with opened.reading() as tables:
        assert tables.room < room - 100_000


def test_what_is_asked_when_it_is_over_is_refused(opened):
    with opened.writing() as tables:
        tables.entries.put(b"a", b"1")
        tables.entries.look(b"a", b"b")
        begun = tables.entries.items()
        next(begun)
    for ask in (
        lambda: tables.entries.get(b"a"),
        lambda: tables.entries.look(b"a", b"b"),
        lambda: tables.entries.put(b"a", b"1"),
        lambda: tables.entries.delete(b"a"),
        lambda: tables.entries.clear(),
        lambda: tables.tags.values(b"t"),
        lambda: next(tables.entries.items()),
        lambda: next(begun),
    ):
        with pytest.raises(StoreError, match="transaction is over"):
            ask()


def test_a_transaction_that_is_dropped_is_over(opened):
    tables = opened.writing()
    tables.entries.put(b"a", b"1")
    del tables
    with opened.writing() as tables:
        assert tables.entries.get(b"a") is None
