"""What of limits outlives a restart: written as it changes, and read again."""

import pytest

from forkproxy import clock
from forkproxy.shared import bans, lasting, tag
from forkproxy.shared.counters import table
from forkproxy.shared.lasting import Changes, Restored
from forkproxy.shared.rates import RateTable

SECOND = 10**9


@pytest.fixture
def zones():
    """A zone of bans and one of rates, emptied at the end."""
    banned = bans.of("test-lasting")
    rates = table(RateTable, "test-lasting", 65536)
    rates.lasting = True
    yield banned, rates
    forget(banned)
    rates.lasting = False


def forget(banned):
    for key, _, _ in banned.banned():
        banned.lift(key)


def of_test(texts):
    return [text for text in texts.values() if "test-lasting" in text]


def test_nothing_is_kept_where_there_is_nothing(zones):
    assert of_test(lasting.kept()) == []


def test_bans_come_back_with_their_keys(zones):
    banned, _ = zones
    banned.add(b"\x7f\0\0\1", 60.0)
    texts = lasting.kept()
    forget(banned)
    restored = Restored()
    restored.take(texts)
    assert banned.banned() == []
    restored.fill()
    ((key, shown, left),) = banned.banned()
    assert (key, shown) == (tag.tag(b"\x7f\0\0\1"), b"\x7f\0\0\1")
    assert 59.0 < left <= 60.0


def test_the_secret_of_the_tags_comes_back_first(zones):
    banned, _ = zones
    before = tag.secret()
    banned.add(b"key", 60.0)
    texts = lasting.kept()
    try:
        tag.share_secret("0" * 32)
        Restored().take(texts)
        assert tag.secret() == before
    finally:
        tag.share_secret(before)


def test_who_is_far_ahead_of_a_rate_is_still_so(zones):
    _, rates = zones
    now = clock.monotonic_ns()
    rates.taken(b"key", now, 16, 0)  # 1r/m
    texts = lasting.kept()
    (text,) = of_test(texts)
    fresh = table(RateTable, "test-lasting", 131072)
    fresh.lasting = True
    rates.lasting = False
    restored = Restored()
    restored.take({lasting.SECRET: tag.secret(), "limit/x": text})
    restored.fill()
    assert fresh.taken(b"key", now + SECOND, 16, 0)[0] is False
    assert fresh.taken(b"key", now + 63 * SECOND, 16, 0)[0] is True


def test_who_is_hardly_ahead_is_not_kept(zones):
    _, rates = zones
    rates.taken(b"hardly", clock.monotonic_ns(), 1000, 0)
    assert of_test(lasting.kept()) == []


def test_rates_are_kept_only_where_that_is_wished(zones):
    _, rates = zones
    rates.lasting = False
    rates.taken(b"other", clock.monotonic_ns(), 16, 0)
    assert of_test(lasting.kept()) == []


def test_only_what_has_changed_is_written(zones):
    banned, _ = zones
    changes = Changes()
    changes.look()
    banned.add(b"one", 60.0)
    put, gone = changes.look()
    assert len(of_test(put)) == 1
    assert lasting.SECRET in put
    assert gone == []
    assert changes.look() == ({}, [])
    banned.lift(tag.tag(b"one"))
    put, gone = changes.look()
    assert (put, len(gone)) == ({}, 1)


def test_what_was_kept_and_ended_before_the_first_look_is_forgotten(zones):
    banned, _ = zones
    banned.add(b"one", 60.0)
    (place,) = [place for place, text in lasting.kept().items() if "test-lasting" in text]
    changes = Changes()
    changes.begin([place, lasting.SECRET, "keyval/x"])
    banned.lift(tag.tag(b"one"))
    assert changes.look() == ({}, [place])


def test_zones_that_are_no_more_are_forgotten(zones):
    text = '["ban", "gone", "0000000000000001", 99999999999.0, "x"]'
    restored = Restored()
    restored.take({lasting.SECRET: tag.secret(), "limit/ban/x/1": text})
    restored.fill()
    assert "gone" not in bans.every()


def test_without_a_secret_nothing_is_taken(zones):
    before = tag.secret()
    Restored().take({"keyval/x": "[]"})
    assert tag.secret() == before
