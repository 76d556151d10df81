"""A reload that no client sees, and one that fails and changes nothing."""

import contextlib
import threading

import pytest

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.origin import Origin
from tests.support.proxy import Proxy, serving
from tests.support.sockets import connect, free_port
from tests.support.websocket import WebSocket
from tests.support.websocket import echo as websocket_echo

FIRST = serving("location / { return 200 first; }")
SECOND = serving("location / { return 200 second; }")
PROXIED = serving(
    "location / {",
    "    proxy_pass http://%ORIGIN%;",
    "    proxy_set_header Upgrade $http_upgrade;",
    "    proxy_set_header Connection $http_connection;",
    "}",
)


class Asking:
    """Threads that ask without a pause until told to stop, and count what failed.

    A kept connection that the server closed while nothing was asked of it is opened
    anew, as any client does. Octets sent and not answered are a failure.
    """

    def __init__(self, address, kept=2, fresh=1):
        self.address = address
        self.answered = 0
        self.failures = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._kept) for _ in range(kept)]
        self._threads += [threading.Thread(target=self._fresh) for _ in range(fresh)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _fresh(self):
        while not self._stop.is_set():
            with self._counted(), Client(self.address) as client:
                self._check(client.get(b"/", b"Connection: close"))

    def _kept(self):
        while not self._stop.is_set():
            with self._counted(), Client(self.address) as client:
                while not self._stop.is_set():
                    answer = client.get(b"/")
                    self._check(answer)
                    if answer.get(b"connection") == b"close":
                        break

    def _check(self, answer):
        assert answer.status == 200, answer
        self.answered += 1

    @contextlib.contextmanager
    def _counted(self):
        try:
            yield
        except Exception as failure:
            self.failures.append(failure)


def test_a_reload_brings_the_new_configuration():
    with Proxy(FIRST) as proxy:
        assert get(proxy.address).body == b"first"
        proxy.reload(SECOND)
        eventually(lambda: get(proxy.address).body == b"second")


def test_no_request_is_lost_over_ten_reloads():
    with Origin() as origin, Proxy(PROXIED, workers=2, ORIGIN=origin.address) as proxy:
        with Asking(proxy.address) as asking:
            for _ in range(10):
                before = asking.answered
                proxy.reload()
                eventually(lambda before=before: asking.answered > before + 20)
        assert asking.failures == []
        assert asking.answered > 200


def test_a_websocket_lives_through_reloads():
    with (
        Origin(websocket_echo) as origin,
        Proxy(PROXIED, ORIGIN=origin.address) as proxy,
        Client(proxy.address) as client,
    ):
        socket = WebSocket(client)
        for turn in range(3):
            proxy.reload()
            assert socket.ask(b"turn %d" % turn) == b"turn %d" % turn
        socket.close()


def test_the_old_workers_go_once_they_are_idle():
    with Proxy(FIRST, workers=2) as proxy:
        old = proxy.children()
        proxy.reload(SECOND)
        eventually(lambda: not old & proxy.children(), within=15)


def test_a_request_in_flight_is_answered_by_its_own_generation():
    gate = threading.Event()

    def slow(peer):
        peer.request()
        gate.wait(15)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    with (
        Origin(slow) as origin,
        Proxy(PROXIED, ORIGIN=origin.address) as proxy,
        Client(proxy.address) as client,
    ):
        client.send(request(b"GET", b"/"))
        origin.wait(1)
        proxy.reload(SECOND)
        eventually(lambda: get(proxy.address, timeout=0.5).body == b"second")
        gate.set()
        assert client.response().body == b"late"


@pytest.mark.parametrize(
    ("conf", "complaint"),
    [
        pytest.param(serving("location / { retrun 200; }"), "retrun", id="unknown-directive"),
        pytest.param("events {} http { server { listen %PORT%;", "unexpected end", id="cut-off"),
        pytest.param(
            serving("listen 127.0.0.1:%TAKEN%;", "location / { return 200 no; }"),
            "in use",
            id="port-taken",
        ),
    ],
)
def test_a_reload_that_fails_changes_nothing(conf, complaint):
    with Origin() as taken, Proxy(FIRST, TAKEN=taken.port) as proxy:
        before = proxy.children()
        with Client(proxy.address) as client:
            assert client.get().body == b"first"
            proxy.write(conf)
            proxy.hang_up()
            eventually(lambda: complaint in proxy.error_log(), within=15)
            assert client.get().body == b"first"
        assert get(proxy.address).body == b"first"
        assert proxy.children() == before


def test_after_a_reload_that_failed_a_good_one_works():
    with Proxy(FIRST) as proxy:
        proxy.write("nonsense;")
        proxy.hang_up()
        eventually(lambda: "nonsense" in proxy.error_log())
        proxy.reload(SECOND)
        eventually(lambda: get(proxy.address).body == b"second")


def test_a_listener_comes_and_another_goes():
    first = serving("listen 127.0.0.1:%ONE%;", "location / { return 200 first; }")
    second = serving("listen 127.0.0.1:%TWO%;", "location / { return 200 second; }")
    one, two = free_port(), free_port()
    with Proxy(first, ONE=one, TWO=two) as proxy:
        assert get(f"127.0.0.1:{one}").body == b"first"
        proxy.reload(second)
        eventually(lambda: get(f"127.0.0.1:{two}").body == b"second")
        eventually(lambda: refused(f"127.0.0.1:{one}"))


def refused(address):
    try:
        connect(address).close()
    except ConnectionRefusedError:
        return True
    return False
