import subprocess
import sys
from collections import Counter

from loadtest.cache_stall import STORED, Row, configuration, counted, part


def test_the_configuration_is_one(tmp_path):
    conf = tmp_path / "nginx.conf"
    conf.write_text(configuration(tmp_path, 18001, 18002, STORED))
    command = [sys.executable, "-m", "forkproxy", "check", "-c", str(conf)]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_lines_say_what_shares_took_at_the_most():
    turns = Counter({100: 999, 20_000: 1})
    row = Row("stored", 100.0, [0.001] * 99 + [0.5], turns, Counter({100: 1000}))
    first, second, third = (line.split() for line in row.lines())
    assert first == ["stored", "100", "tiny", "answers", "100", "1.00", "1.00", "500.00", "500.00"]
    assert second == ["turns", "1,000", "0.10", "0.10", "0.10", "20.00"]
    assert third[-4:] == ["0.10"] * 4


def test_a_part_of_no_turns_is_0():
    assert part(Counter(), 0.5) == 0


def test_turns_of_all_workers_are_added_up():
    one = {"less_than": {"10": 3, "40": 1}, "profile": {"less_than": {"10": 4}}}
    other = {"less_than": {"10": 2}, "profile": None}
    assert counted([one, other]) == (Counter({10: 5, 40: 1}), Counter({10: 4}))
