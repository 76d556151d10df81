"""What the API tells of a running master: events, and what would become of a request."""

import json
import os
import signal

import pytest

from forkproxy.cli import control
from tests.support.client import ask, get, request
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, response
from tests.support.proxy import Proxy, serving


@pytest.fixture(scope="module")
def proxy():
    conf = "control_socket unix:%PREFIX%/control.sock;" + serving(
        "location / { proxy_pass http://app; health_check interval=200ms; }",
        "location /api { api write=on; }",
        "location /slow { limit_req zone=slow; proxy_pass http://app; }",
        http="limit_req_zone $remote_addr zone=slow:1m rate=1000r/s;"
        "upstream app { zone app 64k; server %ONE%; server %TWO%; }",
    )
    with (
        Origin(answers(response(b"ok"), close=False)) as one,
        Origin(answers(response(b"bad", status=b"500 No"), close=False)) as two,
        Proxy(conf, ONE=one.address, TWO=two.address) as proxy,
    ):
        proxy.socket = f"{proxy.prefix}/control.sock"
        proxy.peers = one.address, two.address
        yield proxy


def texts(proxy, *words):
    found = json.loads(get(proxy.address, b"/api/9/forkproxy/events").body)
    return [row["text"] for row in found["events"]]


def test_a_verdict_of_a_health_check_and_an_order_are_events(proxy):
    one, two = proxy.peers
    eventually(lambda: any(f"peer {two}" in text and "unhealthy" in text for text in texts(proxy)))
    assert control.ask(proxy.socket, "POST", "drain", "app", one, "--force").status == 200
    assert f"{one} of app is ordered to drain" in texts(proxy)
    assert control.ask(proxy.socket, "POST", "ready", "app", one).status == 200


def test_a_reload_is_an_event(proxy):
    assert control.ask(proxy.socket, "POST", "reload").status == 200
    assert any(text.startswith("reloaded: generation 2") for text in texts(proxy))


def test_a_request_is_explained_by_what_serves(proxy):
    url = f"http://{proxy.address}/x"
    answer = get(proxy.address, f"/api/9/forkproxy/explain?url={url}".encode())
    found = json.loads(answer.body)
    assert answer.status == 200
    assert found["location"]["text"] == "location /"
    assert proxy.peers[0] in found["upstream"]["peers"]


def test_a_limit_is_changed_in_all_workers_and_those_to_come(proxy):
    path = b"/api/9/forkproxy/limits/slow"
    octets = request(b"PATCH", path, body=b'{"rate": "1r/m"}')
    assert ask(proxy.address, octets, to=b"PATCH").status == 200
    assert json.loads(get(proxy.address, path).body) == {"rate": "1r/m"}
    assert [get(proxy.address, b"/slow").status for _ in range(2)] == [200, 503]
    rows = control.ask(proxy.socket, "GET", "workers").data["workers"]
    worker = max(rows, key=lambda row: row["generation"])["pid"]  # an old one may still drain
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: worker not in proxy.children() and get(proxy.address, path).status == 200)
    assert [get(proxy.address, b"/slow").status for _ in range(2)] == [503, 503]
