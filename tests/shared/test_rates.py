"""Limits of requests: exact over any time, whoever counts, and bounded."""

import random

import pytest

from forkproxy.shared.rates import RateTable
from tests.support.children import in_children

MS = 1_000_000  # nanoseconds
SECOND = 1000 * MS
NOW = 1_000_000 * MS
LATE = 50 * MS  # what a request may come late and not move those behind it


def rates(size=65536):
    return RateTable("r", size)


def test_the_first_request_is_within_any_burst():
    assert rates().taken(b"key", NOW, 1000, 0) == (True, 0)


def test_the_next_one_waits_for_its_time():
    table = rates()
    table.taken(b"key", NOW, 1000, 0)
    assert table.taken(b"key", NOW + 999 * MS, 1000, 0) == (False, 1)
    assert table.taken(b"key", NOW + SECOND - 1, 1000, 0) == (False, 1)
    assert table.taken(b"key", NOW + SECOND, 1000, 0) == (True, 0)


def test_a_burst_may_come_at_once():
    table = rates()
    found = [table.taken(b"key", NOW, 1000, 3) for _ in range(5)]
    assert found == [(True, 0), (True, 1000), (True, 2000), (True, 3000), (False, 4000)]


def test_a_refusal_is_not_counted():
    table = rates()
    for _ in range(9):
        table.taken(b"key", NOW, 1000, 0)
    assert table.taken(b"key", NOW + SECOND, 1000, 0) == (True, 0)


def test_an_idle_key_is_as_new_after_a_month():
    table = rates()
    table.taken(b"key", NOW, 16, 1000)
    assert table.taken(b"key", NOW + 30 * 86_400 * SECOND, 16, 0) == (True, 0)


def test_an_idle_key_has_saved_nothing_up():
    table = rates()
    table.taken(b"key", NOW, 1000, 0)
    assert table.taken(b"key", NOW + 60 * SECOND, 1000, 0) == (True, 0)
    assert table.taken(b"key", NOW + 60 * SECOND, 1000, 0) == (False, 1000)


def test_who_comes_a_little_late_does_not_move_those_behind():
    table = rates()
    assert table.taken(b"key", NOW, 20_000, 0)[0]
    assert table.taken(b"key", NOW + LATE + 3 * MS, 20_000, 0)[0]
    assert not table.taken(b"key", NOW + 2 * LATE - 1, 20_000, 0)[0]
    assert table.taken(b"key", NOW + 2 * LATE, 20_000, 0)[0]


def test_who_comes_later_than_that_begins_anew():
    table = rates()
    table.taken(b"key", NOW, 20_000, 0)
    late = NOW + 2 * LATE + 1
    assert table.taken(b"key", late, 20_000, 0)[0]
    assert not table.taken(b"key", late + LATE - 1, 20_000, 0)[0]


def test_a_burst_of_more_than_that_is_all_there_is():
    table = rates()
    table.taken(b"key", NOW, 1_000_000, 50)  # 50 at 1,000/s: just so long
    idle = NOW + MS + LATE
    found = [table.taken(b"key", idle, 1_000_000, 50)[0] for _ in range(52)]
    assert found == [True] * 51 + [False]


@pytest.mark.parametrize("burst", [0, 1, 100])
@pytest.mark.parametrize("frequency", [10_000, 1_000_000, 10_000_000, 3_000])
def test_what_is_granted_is_the_rate_exactly(frequency, burst):
    table, chance = rates(), random.Random(1)
    interval = 10**12 // frequency
    now, end = NOW, NOW + 2000 * interval
    granted = 0
    while now < end:
        granted += table.taken(b"key", now, frequency, burst)[0]
        now += int(chance.expovariate(3 / interval))
    most = 2000 + burst + 1
    # Less comes of a rate so low that nothing makes up for what is later than LATE.
    least = 0.99 * most if burst > 1 or interval <= LATE else 0.7 * most
    assert least <= granted <= most


def test_a_clock_that_another_process_has_read_a_moment_before_changes_nothing():
    table = rates()
    table.taken(b"key", NOW, 1000, 1)
    assert table.taken(b"key", NOW - 2 * MS, 1000, 1) == (False, 1002)
    assert table.taken(b"key", NOW, 1000, 1) == (True, 1000)


def test_rates_are_cut_as_nginx_cuts_them():
    table = rates()
    table.taken(b"key", NOW, 16, 0)  # 1r/m
    assert table.taken(b"key", NOW + 62_499 * MS, 16, 0)[0] is False
    assert table.taken(b"key", NOW + 62_500 * MS, 16, 0)[0] is True


def test_nobody_is_further_ahead_than_the_present_configuration_allows():
    table = rates()
    for _ in range(10):
        table.taken(b"key", NOW, 16, 10)  # 1r/m
    assert table.taken(b"key", NOW, 10_000_000, 10) == (False, 11_000)
    assert table.taken(b"key", NOW + MS, 10_000_000, 10)[0] is False  # nothing was counted
    table.put(1, NOW + 10**15)
    assert table.after(NOW + 10**14) == {1: NOW + 10**15}


def test_keys_have_limits_of_their_own():
    table = rates()
    assert all(table.taken(b"%d" % key, NOW, 1000, 0)[0] for key in range(100))
    assert not any(table.taken(b"%d" % key, NOW, 1000, 0)[0] for key in range(100))


def test_the_oldest_goes_where_there_is_no_room():
    table = RateTable("r", 256)
    for key in range(table.slots + 1):
        table.taken(b"%d" % key, NOW + key * MS, 1000, 0)
    assert len(table) == table.slots
    later = NOW + (table.slots + 1) * MS
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
        return sum(table.taken(b"key", NOW, 1000, 99)[0] for _ in range(200))

    assert sum(in_children(8, work)) == 100


def test_processes_that_meet_at_a_new_key_count_it_once():
    table = rates()

    def work(_):
        return sum(table.taken(b"%d" % key, NOW, 1000, 0)[0] for key in range(200))

    assert sum(in_children(4, work)) == 200
