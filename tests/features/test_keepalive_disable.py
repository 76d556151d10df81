"""keepalive_disable: whose connections are not kept."""

import pytest

from forkproxy.features.keepalive_disable import is_msie6, is_safari
from tests.support.client import Client, request
from tests.support.inside import Inside

MSIE6 = b"Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)"
SAFARI = b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_7) AppleWebKit/1 Version/5 Safari/533"


@pytest.mark.parametrize(
    ("agent", "old"),
    [
        (MSIE6, True),
        (b"MSIE 6.0; SV1", False),
        (b"MSIE 5.5", True),
        (b"MSIE 7.0", False),
        (b"MSIE 6.0 Opera", False),
        (b"curl", False),
    ],
)
def test_old_explorers(agent, old):
    assert is_msie6(agent) is old


def test_safari_is_not_who_says_so_too():
    assert is_safari(SAFARI)
    assert not is_safari(SAFARI + b" Chrome/1")


@pytest.mark.parametrize(
    ("conf", "method", "agent", "kept"),
    [
        ("", b"POST", MSIE6, False),
        ("", b"GET", MSIE6, True),
        ("keepalive_disable none;", b"POST", MSIE6, True),
        ("keepalive_disable safari;", b"GET", SAFARI, False),
        ("", b"GET", SAFARI, True),
    ],
)
def test_their_connections_are_not_kept(conf, method, agent, kept):
    with Inside(conf + "return 200;") as server, Client(server.address) as client:
        octets = request(method, b"/", b"User-Agent: " + agent, b"Content-Length: 0")
        answer = client.ask(octets)
        assert (answer.get(b"connection") == b"keep-alive") is kept
