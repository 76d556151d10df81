"""Bans and lasting limits in real workers: over reload, death, upgrade and restart."""

import os
import signal

import pytest

from tests.support.api import api
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.master import alive
from tests.support.proxy import Proxy, serving

CONF = serving(
    "location /day { limit_req zone=day; try_files /none =204; }",
    "location /long { limit_req zone=long; try_files /none =204; }",
    "location / { limit_req zone=one ban=10m; try_files /none =204; }",
    http="""
        limit_req_zone $arg_who zone=one:1m rate=1r/s;
        limit_req_zone $arg_who zone=long:1m rate=1r/m lasting;
        limit_req_zone $arg_who zone=day:1m rate=1r/m;
    """,
)
ZONE = "/api/9/http/keyvals/one"


@pytest.fixture
def proxy():
    with Proxy(CONF, workers=2) as proxy:
        yield proxy


def socket_of(proxy):
    return f"unix:{proxy.prefix}/forkproxy.sock"


def ban(proxy, who):
    """Go over the limit."""
    asked = f"/?who={who}".encode()
    eventually(lambda: get(proxy.address, asked).status == 503, what=f"{who} is banned")


def banned(proxy):
    return set(api(socket_of(proxy), "GET", ZONE)[1])


def refused(proxy, who, count=6):
    """Tell whether all workers refuse."""
    return {get(proxy.address, f"/?who={who}".encode()).status for _ in range(count)} == {503}


def test_a_ban_outlives_reload_workers_and_restart(proxy):
    ban(proxy, "ada")
    assert banned(proxy) == {"ada"}
    proxy.reload()
    assert refused(proxy, "ada")
    for worker in api(socket_of(proxy), "GET", "/api/9/workers")[1]:
        os.kill(worker["pid"], signal.SIGKILL)
    eventually(lambda: len(api(socket_of(proxy), "GET", "/api/9/workers")[1]) == 2)
    assert refused(proxy, "ada")
    proxy.quit()
    proxy._start()
    assert banned(proxy) == {"ada"}
    assert refused(proxy, "ada")
    assert get(proxy.address, b"/?who=bob").status == 204


def test_a_ban_that_was_lifted_stays_so_over_a_restart(proxy):
    ban(proxy, "ada")
    ban(proxy, "eve")
    assert api(socket_of(proxy), "PATCH", ZONE, {"ada": None})[0] == 204
    proxy.quit()
    proxy._start()
    assert banned(proxy) == {"eve"}


def test_a_ban_that_was_made_by_hand_holds_in_all_workers(proxy):
    assert api(socket_of(proxy), "POST", ZONE, {"mallory": "1"})[0] == 201
    assert refused(proxy, "mallory")


def test_a_lasting_limit_outlives_a_restart_and_another_does_not(proxy):
    for place in (b"/long?who=ada", b"/day?who=ada"):
        assert [get(proxy.address, place).status for _ in range(2)] == [204, 503]
    proxy.quit()
    proxy._start()
    assert get(proxy.address, b"/long?who=ada").status == 503
    assert get(proxy.address, b"/long?who=bob").status == 204
    assert get(proxy.address, b"/day?who=ada").status == 204


def test_a_ban_outlives_a_master_that_was_killed(proxy):
    ban(proxy, "ada")
    children = proxy.children()
    os.kill(proxy.pid, signal.SIGKILL)
    proxy.wait()
    eventually(lambda: not any(alive(pid) for pid in children), what="its children go")
    proxy._start()
    assert banned(proxy) == {"ada"}
