"""Limits in shared memory: counted as nginx counts, whoever counts, and bounded."""

import os
import signal

import pytest

from forkproxy.shared import counters
from forkproxy.shared.counters import CountTable, RateTable

REFUSED, FULL = -1, -2
NOW = 1_000_000  # milliseconds


def rates(size=65536):
    return RateTable("r", size)


def in_children(count, work):
    """Run work(number) in forked processes, wait for all, return their exit statuses."""
    pids = []
    for number in range(count):
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            try:
                os._exit(work(number) or 0)
            except BaseException:
                os._exit(99)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def test_the_first_request_is_within_any_burst():
    assert rates().taken(b"key", NOW, 1000, 0) == (True, 0)


def test_the_next_one_waits_for_its_time():
    table = rates()
    table.taken(b"key", NOW, 1000, 0)
    assert table.taken(b"key", NOW + 999, 1000, 0) == (False, 1)
    assert table.taken(b"key", NOW + 1000, 1000, 0) == (True, 0)


def test_a_burst_may_come_at_once():
    table = rates()
    found = [table.taken(b"key", NOW, 1000, 3000) for _ in range(5)]
    assert found == [(True, 0), (True, 1000), (True, 2000), (True, 3000), (False, 4000)]


def test_a_refusal_is_not_counted():
    table = rates()
    for _ in range(9):
        table.taken(b"key", NOW, 1000, 0)
    assert table.taken(b"key", NOW + 1000, 1000, 0) == (True, 0)


def test_an_idle_key_is_as_new_after_a_month():
    table = rates()
    table.taken(b"key", NOW, 16, 1_000_000)
    assert table.taken(b"key", NOW + 30 * 86_400_000, 16, 0) == (True, 0)


def test_a_clock_that_another_process_has_read_a_moment_before_changes_nothing():
    table = rates()
    table.taken(b"key", NOW, 1000, 1000)
    assert table.taken(b"key", NOW - 2, 1000, 1000) == (True, 1000)


def test_rates_are_cut_as_nginx_cuts_them():
    table = rates()
    table.taken(b"key", NOW, 16, 0)  # 1r/m
    assert table.taken(b"key", NOW + 62_499, 16, 0)[0] is False
    assert table.taken(b"key", NOW + 62_500, 16, 0)[0] is True


def test_keys_have_limits_of_their_own():
    table = rates()
    assert all(table.taken(b"%d" % key, NOW, 1000, 0)[0] for key in range(100))
    assert not any(table.taken(b"%d" % key, NOW, 1000, 0)[0] for key in range(100))


def test_the_oldest_goes_where_there_is_no_room():
    table = RateTable("r", 256)
    for key in range(table.slots + 1):
        table.taken(b"%d" % key, NOW + key, 1000, 0)
    assert len(table) == table.slots
    later = NOW + table.slots + 1
    assert table.taken(b"%d" % table.slots, later, 1000, 0)[0] is False
    assert table.taken(b"1", later, 1000, 0)[0] is False
    assert table.taken(b"0", later, 1000, 0)[0] is True  # forgotten


def test_as_many_keys_find_room_as_nginx_promises():
    table = RateTable("r", 2 << 20)
    for key in range(2 * 16_000):
        table.taken(b"%d" % key, NOW, 1000, 0)
    assert len(table) > 31_990


def test_processes_never_grant_more_than_there_is():
    table = rates()

    def work(_):
        return sum(table.taken(b"key", NOW, 1000, 99_000)[0] for _ in range(200))

    assert sum(in_children(8, work)) == 100


def test_processes_that_meet_at_a_new_key_count_it_once():
    table = rates()

    def work(_):
        return sum(table.taken(b"%d" % key, NOW, 1000, 0)[0] for key in range(200))

    assert sum(in_children(4, work)) == 200


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
            table.taken(b"%d" % key, NOW + key, 1000, 0)

    for _ in range(3):
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            work(0)
            os._exit(0)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        assert table.taken(b"other", NOW, 1000, 1_000_000)[0]
