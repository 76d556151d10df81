import os

from forkproxy.shared.sessions import Sessions, zone

HOUR = 3_600_000


def mixed(number):
    """Return a well mixed key."""
    return (number + 1) * 0x9E3779B97F4A7C15 % 2**64


def test_a_session_is_known_for_as_long_as_it_is_used():
    table = Sessions("z", 65536)
    table.put(mixed(1), 7, 1000)
    assert table.get(mixed(1), 1500, 500) == 7
    assert table.get(mixed(1), 1501, 500) == 0
    table.used(mixed(1), 7, 1400, 500)
    assert table.get(mixed(1), 1501, 500) == 7


def test_a_session_that_has_had_its_time_does_not_come_back():
    table = Sessions("z", 65536)
    table.put(mixed(1), 7, 1000)
    table.used(mixed(1), 7, 1501, 500)
    assert table.get(mixed(1), 1501, 500) == 0
    table.put(mixed(1), 7, 1501)
    assert table.get(mixed(1), 1501, 500) == 7


def test_a_session_that_another_process_uses_a_moment_later_is_known():
    table = Sessions("z", 65536)
    table.put(mixed(1), 7, 1001)
    assert table.get(mixed(1), 1000, 500) == 7


def test_a_session_may_move():
    table = Sessions("z", 65536)
    table.put(mixed(1), 7, 0)
    table.put(mixed(1), 8, 1)
    assert table.get(mixed(1), 1, HOUR) == 8


def test_what_is_not_made_is_not_there():
    table = Sessions("z", 65536)
    table.used(mixed(1), 7, 0, HOUR)
    assert table.get(mixed(1), 0, HOUR) == 0


def test_many_sessions_have_room():
    table = Sessions("z", 1 << 20)
    for number in range(20_000):
        table.put(mixed(number), number + 1, 0)
    found = sum(table.get(mixed(number), 0, HOUR) == number + 1 for number in range(20_000))
    assert found > 19_900


def test_where_there_is_no_room_the_one_not_used_for_longest_goes():
    table = Sessions("z", 192)  # one neighbourhood
    for number in range(9):
        table.put(mixed(number), number + 1, number)
    assert table.get(mixed(0), 9, HOUR) == 0
    assert all(table.get(mixed(number), 9, HOUR) == number + 1 for number in range(1, 9))


def test_all_processes_see_a_session():
    table = Sessions("z", 65536)
    pid = os.fork()  # noqa: TID251
    if pid == 0:
        table.put(mixed(1), 7, 0)
        os._exit(0)
    os.waitpid(pid, 0)
    assert table.get(mixed(1), 0, HOUR) == 7


def test_a_zone_of_the_same_size_is_the_same_table():
    first = zone("one", 65536)
    assert zone("one", 65536) is first
    assert zone("one", 131072) is not first
