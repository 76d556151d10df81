"""`forkproxy version`."""

import platform

from forkproxy import __version__
from forkproxy.cli.main import main


def test_the_version_is_one_line(capsys):
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"forkproxy {__version__}\n"


def test_verbose_adds_python_and_the_libraries(capsys):
    assert main(["version", "-v"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{platform.python_implementation()} {platform.python_version()}" in lines
    assert {line.split()[0] for line in lines} >= {"gevent", "greenlet", "lmdb"}
