import contextlib
import os
import socket
from dataclasses import dataclass

import pytest

from loadtest.idle import idle, still_open


@dataclass
class Proxy:
    port: int
    pid: int


@pytest.fixture
def pairs():
    """A function that opens a connection, and the other ends so far."""
    ends = []

    def use(_port, stack):
        one, other = socket.socketpair()
        stack.enter_context(one)
        ends.append(other)
        return one

    with contextlib.ExitStack() as stack:
        yield use, ends
        for end in ends:
            stack.enter_context(end)


def test_a_connection_is_open_until_the_other_side_closes_it(pairs):
    use, ends = pairs
    with contextlib.ExitStack() as stack:
        connection = use(80, stack)
        assert still_open(connection)
        ends[0].send(b"xy")
        assert still_open(connection)
        assert still_open(connection)
        ends[0].close()
        assert not still_open(connection)


def test_connections_that_the_proxy_closed_or_refused_are_lost(pairs):
    use, ends = pairs

    def faulty(port, stack):
        connection = use(port, stack)
        if len(ends) == 10:
            ends[-1].close()
        if len(ends) == 11:
            return None
        if len(ends) == 12:
            raise ConnectionRefusedError
        return connection

    scenario = idle("a summary", 20, faulty)
    sample = scenario.measure(Proxy(80, os.getpid()), None)
    assert sample.failures == {"lost": 3}
    assert sample.values["after"] > 0
