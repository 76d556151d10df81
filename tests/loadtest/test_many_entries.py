import subprocess
import sys

from loadtest.many_entries import Row, configuration, measure


def test_a_store_is_filled_started_on_and_asked(tmp_path):
    row = measure(tmp_path, 50, 1.0)
    assert row.count == 50
    assert row.cost > 0
    assert row.start < 30


def test_a_line_says_what_was_measured():
    assert Row(1000, 0.5, 12.34, 1024 * 1024).line().split() == ["1,000", "0.50", "12.3", "1.0"]


def test_the_configuration_is_one(tmp_path):
    (tmp_path / "nginx.conf").write_text(configuration(18001, 18002))
    command = [sys.executable, "-m", "forkproxy", "check", "-c", str(tmp_path / "nginx.conf")]
    assert subprocess.run(command, capture_output=True).returncode == 0
