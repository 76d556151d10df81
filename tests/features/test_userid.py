"""userid: a cookie by which a browser is known again."""

import re
from base64 import b64decode, b64encode

import pytest

from tests.support.client import get
from tests.support.inside import Inside

SHOW = "add_header Got $uid_got; add_header Set $uid_set; location / { return 204; } "
UID = bytes(range(16))
COOKIE = b64encode(UID)


def answer(conf, *cookies, http=""):
    with Inside(SHOW + conf, http=http) as server:
        found = get(server.address, b"/", *[b"Cookie: " + cookie for cookie in cookies])
        found.log = server.errors()
        return found


def given(conf, *cookies, **more):
    return answer(conf, *cookies, **more).get(b"set-cookie")


def test_a_browser_without_one_gets_one():
    found = answer("userid on;")
    value, path = re.fullmatch(rb"uid=(\S{24}); (path=/)", found.get(b"set-cookie")).groups()
    assert (len(b64decode(value)), path) == (16, b"path=/")
    assert b64decode(value)[:4] == bytes([127, 0, 0, 1])
    assert re.fullmatch(rb"uid=0100007F[0-9A-F]{24}", found.get(b"set"))


def test_each_gets_another():
    with Inside("userid on; location / { return 204; }") as server:
        cookies = [get(server.address).get(b"set-cookie") for _ in range(3)]
    assert len(set(cookies)) == 3


def test_the_old_form_has_no_address():
    assert b64decode(given("userid v1;")[4:28])[:4] == bytes(4)


@pytest.mark.parametrize(("mode", "octets"), [("on", b"\0\0\1\2"), ("v1", b"\2\1\0\0")])
def test_a_number_may_stand_for_the_server(mode, octets):
    assert b64decode(given(f"userid {mode}; userid_service 258;")[4:28])[:4] == octets


def test_a_browser_that_has_one_keeps_it():
    found = answer("userid on;", b"a=b; uid=" + COOKIE)
    assert b"set-cookie" not in found
    assert found.get(b"got") == b"uid=03020100070605040B0A09080F0E0D0C"


@pytest.mark.parametrize(
    ("cookie", "complaint"),
    [
        (b"uid=short", "client sent too short userid cookie"),
        (b"uid=!" + COOKIE, "client sent invalid userid cookie"),
    ],
)
def test_what_is_no_cookie_of_ours_is_replaced(cookie, complaint):
    found = answer("userid on;", cookie)
    assert b"set-cookie" in found
    assert complaint in found.log


def test_logs_only_read_it():
    found = answer("userid log;", b"uid=" + COOKIE)
    assert (b"set-cookie" in found, b"got" in found, b"set" in found) == (False, True, False)
    found = answer("userid off;", b"uid=" + COOKIE)
    assert (b"got" in found, b"set" in found) == (False, False)


def test_a_mark_is_asked_for_and_the_same_number_sent_anew():
    conf = "userid on; userid_mark X;"
    assert given(conf)[26:28] == b"X="
    assert given(conf, b"uid=" + COOKIE) == b"uid=" + COOKIE[:22] + b"X=; path=/"
    assert given(conf, b"uid=" + COOKIE[:22] + b"X=") is None


def test_a_variable_may_reset_it():
    conf = "map $http_r $uid_reset { default 0; yes 1; log log; }"
    with Inside(SHOW + "userid on;", http=conf) as server:
        ask = [b"Cookie: uid=" + COOKIE]
        assert b"set-cookie" not in get(server.address, b"/", *ask)
        fresh = get(server.address, b"/", *ask, b"R: yes").get(b"set-cookie")
        assert fresh is not None
        assert COOKIE[:22] not in fresh
        get(server.address, b"/", *ask, b"R: log")

        assert 'userid cookie "uid=03020100070605040B0A09080F0E0D0C" was reset' in server.errors()


def test_what_else_a_cookie_says():
    conf = """userid on; userid_name n; userid_domain d.example; userid_path /p; userid_expires max;
        userid_flags secure httponly samesite=lax; userid_p3p 'CP="X"';"""
    found = answer(conf)
    assert re.fullmatch(
        rb"n=\S{24}; expires=Thu, 31-Dec-37 23:55:55 GMT; domain=d\.example; path=/p; secure; "
        rb"httponly; samesite=lax",
        found.get(b"set-cookie"),
    )
    assert found.get(b"p3p") == b'CP="X"'
    date = rb".*; expires=[A-Z][a-z]{2}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT; path=/"
    assert re.fullmatch(date, given("userid on; userid_expires 1h;"))
