import subprocess
import sys

from loadtest.cache_stall import STORED, Row, configuration


def test_the_configuration_is_one(tmp_path):
    conf = tmp_path / "nginx.conf"
    conf.write_text(configuration(tmp_path, 18001, 18002, STORED))
    command = [sys.executable, "-m", "forkproxy", "check", "-c", str(conf)]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_a_line_says_what_shares_took_at_the_most():
    row = Row("stored", 100.0, [0.001] * 99 + [0.5])
    assert row.line().split() == ["stored", "100", "1.00", "1.00", "500.00", "500.00"]
