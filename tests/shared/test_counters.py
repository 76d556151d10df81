"""Counts in shared memory: exact, whoever counts, and bounded."""

import os
import signal

import pytest

from forkproxy.shared import counters
from forkproxy.shared.counters import CountTable
from forkproxy.shared.rates import RateTable
from tests.support.children import in_children

REFUSED, FULL = -1, -2


def test_a_table_is_kept_by_name_and_size():
    first = counters.table(RateTable, "kept", 65536)
    assert counters.table(RateTable, "kept", 65536) is first
    assert counters.table(RateTable, "kept", 131072) is not first
    assert counters.table(CountTable, "kept", 65536) is not first


def test_counts_go_up_to_their_limit_and_down_again():
    table = CountTable("c", 65536)
    places = [table.acquired(b"key", 2) for _ in range(3)]
    assert places[2] == REFUSED
    assert table.count(b"key") == 2
    table.released(places[0])
    assert table.count(b"key") == 1
    assert table.acquired(b"key", 2) == places[0]


def test_a_key_that_has_none_makes_room():
    table = CountTable("c", 256)
    places = [table.acquired(b"%d" % key, 1) for key in range(table.slots)]
    assert table.acquired(b"new", 1) == FULL
    table.released(places[7])
    assert table.acquired(b"new", 1) == places[7]


def test_the_dead_give_back_what_they_held():
    table = counters.table(CountTable, "held", 65536)

    def work(number):
        counters.enter(2 + number)
        for _ in range(5):
            table.acquired(b"key", 100)
        os.kill(os.getpid(), signal.SIGKILL)

    in_children(2, work)
    assert table.count(b"key") == 10
    counters.bury(2)
    assert table.count(b"key") == 5
    counters.bury(3)
    assert table.count(b"key") == 0


def test_a_place_that_is_none_is_an_error():
    with pytest.raises(IndexError):
        CountTable("c", 256).released(15)


def test_a_row_that_is_none_is_an_error():
    with pytest.raises(IndexError):
        counters.enter(100_000)


def test_a_table_without_room_is_an_error():
    with pytest.raises(ValueError, match="one bucket"):
        RateTable("r", 255)


def test_the_lock_of_the_dead_is_taken_from_them():
    table = RateTable("r", 256)

    def work(_):
        for key in range(100_000):
            table.taken(b"%d" % key, 1_000_000 * key, 1000, 0)

    for _ in range(3):
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            work(0)
            os._exit(0)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert table.taken(b"other", 1, 1000, 1_000_000)[0]


def test_it_is_counted_what_was_put_in_and_had_no_room():
    table = CountTable("c", 256)
    places = [table.acquired(b"%d" % key, 1) for key in range(table.slots)]
    assert table.asked() == (15, 0)
    table.acquired(b"new", 1)
    table.released(places[7])
    table.acquired(b"new", 1)
    assert table.asked() == (17, 2)
    table.ask_anew()
    assert table.asked() == (0, 0)
