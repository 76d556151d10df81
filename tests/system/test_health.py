"""Health checks with real processes: what was found outlives whoever found it."""

import contextlib
import threading

import pytest

from tests.support.api import api
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.origin import Origin
from tests.support.proxy import Proxy, serving

PEERS = "/api/9/http/upstreams/app"


class Patient:
    """An origin that fails its checks, and says `sick` to who asks it all the same.

    From `silent` on it takes checks and does not answer them: nothing new is found out.
    """

    def __init__(self):
        self.silent = threading.Event()
        self.over = threading.Event()

    def script(self, peer):
        while head := peer.head():
            check = head.target == b"/health"
            if check and self.silent.is_set():
                self.over.wait(30)
                return
            status = b"500 Sick" if check else b"200 OK"
            peer.send(b"HTTP/1.1 %b\r\nContent-Length: 4\r\n\r\nsick" % status)


def well(peer):
    while peer.head():
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell")


@pytest.fixture
def proxy():
    location = """location / { proxy_pass http://app; proxy_read_timeout 30s;
        health_check interval=1 uri=/health; }"""
    http = "upstream app { zone app 64k; server %SICK%; server %WELL%; }"
    patient = Patient()
    with contextlib.ExitStack() as stack:
        sick, good = stack.enter_context(Origin(patient.script)), stack.enter_context(Origin(well))
        proxy = stack.enter_context(
            Proxy(serving(location, http=http), workers=2, SICK=sick.address, WELL=good.address)
        )
        eventually(lambda: states(proxy) == ["unhealthy", "up"])
        patient.silent.set()
        yield proxy
        patient.over.set()


def states(proxy):
    where = f"unix:{proxy.prefix}/forkproxy.sock"
    return [peer["state"] for peer in api(where, "GET", PEERS)[1]["peers"]]


def who(proxy):
    return {get(proxy.address).body for _ in range(8)}


def test_what_was_found_outlives_a_reload(proxy):
    assert who(proxy) == {b"well"}
    proxy.reload()
    assert who(proxy) == {b"well"}
    assert states(proxy) == ["unhealthy", "up"]


def test_what_was_found_outlives_a_restart(proxy):
    proxy.quit()
    proxy._start()
    assert who(proxy) == {b"well"}
    assert states(proxy) == ["unhealthy", "up"]
