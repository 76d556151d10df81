"""The shell of the master; what it does with real processes is in tests/system."""

import pytest

from forkproxy.master.process import Master
from forkproxy.shared.errorlog import Level, Target, log
from forkproxy.shared.logfile import files
from tests.support.echo import EchoAcceptor
from tests.support.holdings import House


@pytest.fixture
def errors(tmp_path):
    """A function that returns the error log."""
    path = tmp_path / "errors"
    before = log.targets
    log.send_to([Target(files.open(str(path)), Level.NOTICE)])
    yield path.read_text
    log.send_to(before)


def test_a_listener_that_no_listen_names_is_warned_of(tmp_path, errors):
    with House(tmp_path) as house:
        master = Master(house.load, EchoAcceptor, house.holdings.listeners)
        master.prepare(1)
        master.warn_of_strangers([(f"127.0.0.1:{house.port}", -1), ("127.0.0.9:1", -1)])
    (line,) = errors().splitlines()
    assert "we were given a listener at 127.0.0.9:1, which the configuration lacks" in line
