"""Ban lists in real workers: at once in all of them, and over reload, death and restart."""

import os
import signal

import pytest

from tests.support.api import api, line
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.proxy import Proxy, serving

CONF = serving(
    "set $who $arg_who;",
    "if ($banned) { return 403; }",
    "location /api { set $who -; api write=on; }",
    "location / { return 200; }",
    http="keyval_zone zone=banned:4m timeout=1h; keyval $arg_who $banned zone=banned;",
)
ZONE = "/api/9/http/keyvals/banned"


@pytest.fixture
def proxy():
    with Proxy(CONF, workers=3) as proxy:
        yield proxy


def socket_of(proxy):
    return f"unix:{proxy.prefix}/forkproxy.sock"


def statuses(proxy, who, count=12):
    """Return the statuses of some connections; with three workers, all of them answer some."""
    return {get(proxy.address, f"/?who={who}".encode()).status for _ in range(count)}


def test_a_ban_is_in_all_workers_when_it_is_acknowledged(proxy):
    for number in range(10):
        who = f"user{number}"
        assert api(socket_of(proxy), "POST", ZONE, {who: "1"})[0] == 201
        assert statuses(proxy, who) == {403}
        assert line(socket_of(proxy), f"del map banned {who}") == "\n"
        assert statuses(proxy, who) == {200}


def test_a_location_changes_what_the_socket_shows(proxy):
    assert api(proxy.address, "POST", ZONE, {"ada": "1"})[0] == 201
    assert api(socket_of(proxy), "GET", ZONE) == (200, {"ada": "1"})
    assert api(proxy.address, "DELETE", ZONE)[0] == 204


def test_many_bans_come_at_once(proxy):
    bans = {f"user{number:06}-{'x' * 20}": "1" for number in range(20_000)}
    assert api(proxy.address, "POST", ZONE, bans)[0] == 201
    assert len(api(proxy.address, "GET", ZONE)[1]) == 20_000
    assert statuses(proxy, "user019999-" + "x" * 20) == {403}


def test_a_ban_outlives_reload_worker_and_master(proxy):
    api(socket_of(proxy), "POST", ZONE, {"ada": "1"})
    proxy.reload()
    assert statuses(proxy, "ada") == {403}
    for worker in api(socket_of(proxy), "GET", "/api/9/workers")[1]:
        os.kill(worker["pid"], signal.SIGKILL)
    eventually(lambda: len(api(socket_of(proxy), "GET", "/api/9/workers")[1]) == 3)
    assert statuses(proxy, "ada") == {403}
    proxy.quit()
    proxy._start()
    assert statuses(proxy, "ada") == {403}


def test_a_worker_that_does_not_follow_is_named(proxy):
    stopped = api(socket_of(proxy), "GET", "/api/9/workers")[1][0]["pid"]
    os.kill(stopped, signal.SIGSTOP)
    try:
        status, data = api(socket_of(proxy), "POST", ZONE, {"eve": "1"})
        assert status == 504
        assert str(stopped) in data["error"]["text"]
    finally:
        os.kill(stopped, signal.SIGCONT)
    eventually(lambda: statuses(proxy, "eve") == {403})
