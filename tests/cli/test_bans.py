"""forkproxy bans and unban: what is asked of the master, and how it is shown."""

import argparse
import json

import pytest

from forkproxy.cli import bans
from forkproxy.cli.ctl import OrderError
from tests.support.api import api
from tests.support.proxy import Proxy, serving

CONF = serving(
    "location / { limit_req zone=one ban=10m; try_files /none =204; }",
    http="limit_req_zone $arg_who zone=one:1m rate=1r/s;",
)


def test_who_is_banned_is_listed_and_let_in_again(capsys):
    with Proxy(CONF) as proxy:
        socket = f"{proxy.prefix}/forkproxy.sock"

        def run(command, **given):
            options = {"socket": socket, "pid": None, "json": False, "command": command}
            assert bans.run(argparse.Namespace(**(options | given))) == 0
            return capsys.readouterr().out

        assert run("bans") == ""
        ban(socket, "ada")
        assert run("bans").startswith("one  ada  ")
        assert [one["key"] for one in json.loads(run("bans", json=True))] == ["ada"]
        run("unban", zone="one", key="ada")
        assert run("bans") == ""
        with pytest.raises(OrderError, match='"ada" is not banned'):
            run("unban", zone="one", key="ada")


def ban(socket, who):
    """Ban somebody by hand, as an administrator would."""
    body = {who: {"value": "", "expire": 600_000}}
    assert api(f"unix:{socket}", "POST", "/api/9/http/keyvals/one", body)[0] == 201


def test_without_a_control_socket_nobody_can_be_asked():
    with pytest.raises(OrderError, match="the control socket is off"):
        bans.run(argparse.Namespace(socket=None, pid="/nowhere", command="bans", json=False))
