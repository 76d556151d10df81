"""satisfy: all guards, or any; and a 401 that is held back."""

import time

import pytest

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside

GUARDS = {
    "in": "allow all;",
    "out": "deny all;",
    "none": "",
}
ANSWERS = {"200": "return 200;", "401": "return 401;", "403": "return 403;", "500": "return 500;"}


def ask(satisfy, rules, answer):
    conf = f"""
        root %PREFIX%;
        location / {{ satisfy {satisfy}; {GUARDS[rules]} auth_request /auth; }}
        location = /auth {{ {ANSWERS[answer]} }}
    """
    with Inside(conf) as server:
        server.write("file", b"file")
        return get(server.address, b"/file").status


@pytest.mark.parametrize(
    ("rules", "answer", "all_", "any_"),
    [
        ("in", "200", 200, 200),
        ("in", "401", 401, 200),
        ("out", "200", 403, 200),
        ("out", "401", 403, 401),
        ("out", "403", 403, 403),
        ("none", "200", 200, 200),
        ("none", "401", 401, 401),
        ("out", "500", 403, 500),
    ],
)
def test_all_must_agree_or_one_is_enough(rules, answer, all_, any_):
    assert ask("all", rules, answer) == all_
    assert ask("any", rules, answer) == any_


def test_who_is_let_in_is_not_asked_for_a_password():
    conf = """
        root %PREFIX%; satisfy any;
        auth_basic a; auth_basic_user_file none;
        auth_request /auth;
        location = /auth { return 200; }
    """
    with Inside(conf) as server:
        server.write("file", b"file")
        found = get(server.address, b"/file")
        assert found.status == 200
        assert b"www-authenticate" not in found


def test_a_401_is_held_back():
    conf = "auth_delay 100ms; auth_basic a; auth_basic_user_file none;"
    with Inside(conf) as server:
        before = time.monotonic()
        assert get(server.address).status == 401
        assert time.monotonic() - before >= 0.09


def test_who_leaves_meanwhile_is_not_waited_for():
    conf = "auth_delay 1h; auth_basic a; auth_basic_user_file none;"
    with Inside(conf) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            eventually(lambda: "no user/password" in server.errors(), what="it was asked")
        eventually(lambda: server.connections() == 0, what="the connection is gone")
