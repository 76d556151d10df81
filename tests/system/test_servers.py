"""Servers changed while real workers serve: drain, add, remove, and a rolling deployment."""

import http.client
import shutil
import threading

import pytest

from tests.support.api import api, line
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.origin import Origin
from tests.support.proxy import Proxy, serving

SERVERS = "/api/9/http/upstreams/app/servers"


class Named:
    """An origin that answers with its name; at /slow it waits until it is let go."""

    def __init__(self, name):
        self.body = name.encode()
        self.go = threading.Event()
        self.origin = Origin(self.script)

    def script(self, peer):
        while True:
            if peer.head().target == b"/slow":
                self.go.wait(10)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + self.body)

    @property
    def address(self):
        return self.origin.address


@pytest.fixture
def origins():
    made = [Named(name) for name in "abc"]
    with made[0].origin, made[1].origin, made[2].origin:
        yield made
        for origin in made:
            origin.go.set()


@pytest.fixture
def proxy(origins):
    a, b, _ = origins
    conf = serving(
        "location / { proxy_pass http://app; }",
        http="upstream app { zone app 64k; server %A%; server %B%; }",
    )
    with Proxy(conf, workers=2, A=a.address, B=b.address) as proxy:
        yield proxy


def socket_of(proxy):
    return f"unix:{proxy.prefix}/forkproxy.sock"


def who(proxy, count=12):
    """Return who answers some requests."""
    return {get(proxy.address).body for _ in range(count)}


def tell(proxy, text):
    return line(socket_of(proxy), text).strip()


def test_a_drained_server_gets_nothing_new_and_ends_what_it_has(proxy, origins):
    a, b, _ = origins
    tell(proxy, f"set server app/{b.address} state drain")
    with Client(proxy.address) as client:
        client.send(request(b"GET", b"/slow"))
        eventually(lambda: any(b"/slow" in peer.raw for peer in a.origin.peers))
        assert tell(proxy, f"set server app/{b.address} state ready") == ""
        assert tell(proxy, f"set server app/{a.address} state drain") == ""
        assert who(proxy) == {b"b"}
        a.go.set()
        assert client.final().body == b"a"
    eventually(lambda: api(socket_of(proxy), "GET", SERVERS)[1][0].get("drain") is True)
    assert tell(proxy, f"set server app/{a.address} state ready") == ""
    assert who(proxy) == {b"a", b"b"}


def test_a_drain_outlives_reload_and_restart_until_the_line_is_another(proxy, origins):
    a, _, _ = origins
    tell(proxy, f"set server app/{a.address} state drain")
    proxy.reload()
    assert who(proxy) == {b"b"}
    proxy.quit()
    proxy._start()
    assert who(proxy) == {b"b"}
    text = proxy.conf.read_text().replace(f"server {a.address};", f"server {a.address} weight=2;")
    proxy.reload(text)
    eventually(lambda: who(proxy) == {b"a", b"b"})


def test_a_server_is_added_in_all_workers_and_removed_while_it_works(proxy, origins):
    *_, c = origins
    status, made = api(socket_of(proxy), "POST", SERVERS, {"server": c.address})
    assert (status, made["id"]) == (201, 2)
    assert who(proxy, 24) == {b"a", b"b", b"c"}
    proxy.reload()
    eventually(lambda: who(proxy, 24) == {b"a", b"b", b"c"})
    for server in (0, 1):
        api(socket_of(proxy), "PATCH", f"{SERVERS}/{server}", {"down": True})
    with Client(proxy.address) as client:
        client.send(request(b"GET", b"/slow"))
        eventually(lambda: any(b"/slow" in peer.raw for peer in c.origin.peers))
        api(socket_of(proxy), "PATCH", f"{SERVERS}/0", {"down": False})
        assert len(api(socket_of(proxy), "DELETE", f"{SERVERS}/2")[1]) == 2
        assert api(socket_of(proxy), "GET", "/api/9/http/upstreams/app")[1]["zombies"] == 1
        assert who(proxy) == {b"a"}
        c.go.set()
        assert client.final().body == b"c"
    eventually(lambda: api(socket_of(proxy), "GET", "/api/9/http/upstreams/app")[1]["zombies"] == 0)


def test_what_a_server_has_in_hand_is_ended_when_asked(proxy, origins):
    a, b, _ = origins
    tell(proxy, f"set server app/{b.address} state maint")
    with Client(proxy.address) as client:
        client.send(request(b"GET", b"/slow"))
        eventually(lambda: any(b"/slow" in peer.raw for peer in a.origin.peers))
        assert "1 connections ended" in tell(proxy, f"shutdown sessions server app/{a.address}")
        assert client.final().status == 502


def test_a_rolling_deployment_loses_no_request(proxy, origins):
    over = threading.Event()
    failures, answers = [], []

    def load():
        connection = http.client.HTTPConnection(*proxy.address.split(":"), timeout=10)
        while not over.is_set():
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                answers.append(response.read())
                if response.status != 200:
                    failures.append(response.status)
            except OSError as error:
                failures.append(error)
                connection.close()
        connection.close()

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            for origin in origins[:2]:
                tell(proxy, f"set server app/{origin.address} state drain")
                before = len(answers)
                eventually(lambda before=before: len(answers) > before + 20)
                tell(proxy, f"set server app/{origin.address} state ready")
    finally:
        over.set()
        for thread in threads:
            thread.join(20)
    assert failures == []
    assert set(answers) == {b"a", b"b"}


def test_a_state_file_follows_and_is_what_a_restart_begins_with(origins):
    a, b, _ = origins
    conf = serving(
        "location / { proxy_pass http://app; }",
        http="upstream app { zone app 64k; state %PREFIX%/state/app.conf; }",
    )
    with Proxy(conf, A=a.address, B=b.address) as proxy:
        folder = proxy.prefix / "state"
        folder.mkdir()
        folder.chmod(0o777)
        for origin in (a, b):
            assert api(socket_of(proxy), "POST", SERVERS, {"server": origin.address})[0] == 201
        assert who(proxy) == {b"a", b"b"}
        lines = f"server {a.address};\nserver {b.address};\n"
        file = folder / "app.conf"
        eventually(lambda: file.exists() and file.read_text() == lines)
        proxy.quit()
        shutil.rmtree(proxy.prefix / "forkproxy.state")
        proxy._start()
        assert who(proxy) == {b"a", b"b"}
