import subprocess
import sys

from loadtest.cache_limit import configuration, longest_over


def test_the_longest_time_above_is_on_end():
    sizes = [(0.0, 1), (1.0, 9), (1.5, 9), (2.0, 1), (3.0, 9), (3.2, 9), (3.4, 9), (3.9, 9)]
    assert longest_over(sizes, 5) == 3.9 - 3.0
    assert longest_over(sizes, 9) == 0.0


def test_the_configuration_is_one(tmp_path):
    conf = tmp_path / "nginx.conf"
    conf.write_text(configuration(tmp_path, 18001, 18002))
    command = [sys.executable, "-m", "forkproxy", "check", "-c", str(conf)]
    assert subprocess.run(command, capture_output=True).returncode == 0
