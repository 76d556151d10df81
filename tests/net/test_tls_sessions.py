"""The session cache is memory that all processes share."""

import os

import pytest

from forkproxy import clock
from forkproxy.net.tls_sessions import SMALLEST, SessionCache, shared_cache

LATER = 4e9  # wall seconds


def test_a_session_is_found_by_its_id():
    cache = SessionCache("c", SMALLEST)
    assert cache.store(b"i" * 32, b"session", LATER)
    assert cache.find(b"i" * 32) == b"session"
    assert cache.find(b"j" * 32) is None


def test_one_that_has_ended_is_not_found():
    cache = SessionCache("c", SMALLEST)
    cache.store(b"i" * 32, b"session", clock.wall() - 1)
    assert cache.find(b"i" * 32) is None


def test_one_that_was_forgotten_is_not_found():
    cache = SessionCache("c", SMALLEST)
    cache.store(b"i" * 32, b"session", LATER)
    cache.forget(b"i" * 32)
    assert cache.find(b"i" * 32) is None


def test_a_large_one_has_a_place_and_a_huge_one_has_none():
    cache = SessionCache("c", SMALLEST)
    assert cache.store(b"i" * 32, b"x" * 4000, LATER)
    assert cache.find(b"i" * 32) == b"x" * 4000
    assert not cache.store(b"j" * 32, b"x" * 5000, LATER)


def test_where_all_is_full_the_one_that_ends_first_goes():
    cache = SessionCache("c", SMALLEST)
    ids = [number.to_bytes(8, "little") + os.urandom(24) for number in range(2000)]
    for at, name in enumerate(ids):
        cache.store(name, name, LATER + at)
    found = [name for name in ids if cache.find(name) is not None]
    assert ids[-1] in found
    assert ids[0] not in found
    assert all(cache.find(name) == name for name in found)


def test_a_child_sees_what_the_parent_stores_and_the_other_way_round():
    cache = SessionCache("c", SMALLEST)
    cache.store(b"parent".ljust(32), b"one", LATER)
    pid = os.fork()  # noqa: TID251
    if pid == 0:
        found = cache.find(b"parent".ljust(32)) == b"one"
        cache.store(b"child".ljust(32), b"two", LATER)
        os._exit(0 if found else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert cache.find(b"child".ljust(32)) == b"two"


def test_an_id_that_is_none_is_never_found():
    cache = SessionCache("c", SMALLEST)
    assert not cache.store(b"", b"x", LATER)
    assert not cache.store(b"i" * 33, b"x", LATER)
    assert cache.find(b"") is None


def test_a_cache_without_room_is_refused():
    with pytest.raises(ValueError, match="at least"):
        SessionCache("c", SMALLEST - 1)


def test_the_next_generation_goes_on_with_the_same_cache():
    assert shared_cache("zone", SMALLEST) is shared_cache("zone", SMALLEST)
    assert shared_cache("zone", SMALLEST) is not shared_cache("zone", 2 * SMALLEST)
