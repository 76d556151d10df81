import os

import pytest

from loadtest.proc import Memory, Process, alive, family, memory, parse_rollup, parse_stat, related


def stat(name="nginx", *, state="S", user=150, system=50, reaped_user=7, reaped_system=3):
    return (
        f"42 ({name}) {state} 1 42 40 0 -1 4194624 100 0 0 0 "
        f"{user} {system} {reaped_user} {reaped_system} 20 0 1 0 9000 1000 200\n"
    )


def process(pid, parent, session):
    return Process(pid, parent, session, zombie=False, cpu=0.0, own_cpu=0.0, born=0)


def test_cpu_time_is_user_and_system_of_a_process_and_of_the_children_it_reaped():
    tick = 1 / os.sysconf("SC_CLK_TCK")
    parsed = parse_stat(stat())
    assert parsed.cpu == pytest.approx(210 * tick)
    assert parsed.own_cpu == pytest.approx(200 * tick)
    assert parsed.faults == 100


@pytest.mark.parametrize("name", ["nginx", "a b", "a) S 1 (b", "((", "))"])
def test_a_name_with_blanks_and_parentheses_does_not_shift_the_fields(name):
    parsed = parse_stat(stat(name))
    assert (parsed.pid, parsed.parent, parsed.session, parsed.born) == (42, 1, 40, 9000)


def test_a_zombie_is_told_from_a_sleeper():
    assert parse_stat(stat(state="Z")).zombie
    assert not parse_stat(stat(state="S")).zombie


def test_a_family_is_all_descendants():
    processes = [process(3, 2, 9), process(2, 1, 9), process(1, 0, 9), process(4, 0, 9)]
    assert {member.pid for member in related(1, processes)} == {1, 2, 3}


def test_a_family_keeps_the_orphans_of_its_session():
    processes = [process(7, 1, 5), process(8, 7, 8), process(9, 1, 9)]
    assert {member.pid for member in related(5, processes)} == {7, 8}


def test_memory_is_read_in_octets():
    text = "55afe8dc5000-7ffccaee8000 ---p 00000000 00:00 0   [rollup]\nRss: 16 kB\nPss: 3 kB\n"
    assert parse_rollup(text) == Memory(rss=16384, pss=3072)


def test_this_process_is_alive_has_a_family_and_memory():
    itself = next(member for member in family(os.getpid()) if member.pid == os.getpid())
    assert alive(itself)
    assert memory(os.getpid()).pss > 0


def test_a_later_process_of_the_same_pid_is_another_one():
    itself = next(member for member in family(os.getpid()) if member.pid == os.getpid())
    earlier = Process(itself.pid, 0, 0, zombie=False, cpu=0, own_cpu=0, born=itself.born - 1)
    assert not alive(earlier)
