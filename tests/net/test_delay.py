"""A wait ends when its time is over, or the client has gone."""

import socket
import time

import pytest

from forkproxy.errors import Gone
from forkproxy.net.delay import wait
from forkproxy.net.stream import Stream
from tests.support.hub import begin, in_hub


@pytest.fixture
def pair():
    ours, other = socket.socketpair()
    ours.setblocking(False)
    stream = in_hub(Stream, ours.detach())
    yield stream, other
    in_hub(stream.close)
    other.close()


def test_it_takes_its_time():
    before = time.monotonic()
    in_hub(wait, None, 0.05)
    assert time.monotonic() - before >= 0.04


def test_it_takes_its_time_while_the_client_stays(pair):
    before = time.monotonic()
    in_hub(wait, pair[0], 0.05)
    assert time.monotonic() - before >= 0.04


def test_the_client_that_goes_ends_it(pair):
    stream, other = pair
    finish = begin(wait, stream, 30.0)
    in_hub(lambda: None)
    other.close()
    with pytest.raises(Gone):
        finish()


def test_the_client_that_has_gone_does_not_let_it_begin(pair):
    stream, other = pair
    finish = begin(wait, stream, 30.0)
    other.close()
    with pytest.raises(Gone):
        finish()
    with pytest.raises(Gone):
        in_hub(wait, stream, 30.0)


def test_a_stream_that_we_close_ends_it(pair):
    stream, _ = pair
    finish = begin(wait, stream, 30.0)
    in_hub(lambda: None)
    in_hub(stream.close)
    with pytest.raises(Gone):
        finish()
