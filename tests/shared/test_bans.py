"""Who is refused for a time is so in every process, and shown, and let in again."""

import os

from forkproxy.shared import bans
from forkproxy.shared.bans import BanTable
from forkproxy.shared.tag import tag


def table():
    return BanTable("z", 65536)


def test_nobody_is_banned_at_first():
    assert table().banned() == []


def test_a_ban_is_shown_with_what_is_left_of_it():
    found = table()
    found.add(b"key", 60.0)
    ((_, key, left),) = found.banned()
    assert key == b"key"
    assert 59.0 < left <= 60.0


def test_a_ban_that_is_over_is_none():
    found = table()
    found.add(b"key", -1.0)
    assert found.banned() == []
    assert not found.lift(tag(b"key"))


def test_a_ban_may_be_lifted():
    found = table()
    found.add(b"key", 60.0)
    assert found.lift(tag(b"key"))
    assert found.banned() == []
    assert not found.lift(tag(b"other"))


def test_another_process_sees_it():
    found = table()
    pid = os.fork()  # noqa: TID251
    if pid == 0:
        found.add(b"key", 60.0)
        os._exit(0)
    os.waitpid(pid, 0)
    assert [key for _, key, _ in found.banned()] == [b"key"]


def test_long_keys_are_cut_where_they_are_shown():
    found = table()
    found.add(b"k" * 100, 60.0)
    assert found.banned()[0][1] == b"k" * 63
    assert found.lift(tag(b"k" * 100))


def test_the_one_that_ends_first_goes_where_there_is_no_room():
    found = BanTable("z", 256)
    for number in range(16):
        found.add(b"%d" % number, 100.0 + number)
    assert sorted(int(key) for _, key, _ in found.banned()) == list(range(1, 16))


def test_a_zone_has_one_table():
    first = bans.of("zone")
    assert bans.of("zone") is first
    assert bans.every()["zone"] is first


def test_a_ban_that_was_kept_is_known_by_its_tag():
    found = table()
    found.restore(tag(b"a longer key"), b"a longer", 60.0)
    ((known, shown, left),) = found.banned()
    assert (known, shown) == (tag(b"a longer key"), b"a longer")
    assert 59.0 < left <= 60.0
