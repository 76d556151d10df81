"""An upstream's early hints go on to clients that want them."""

import pytest

from tests.support.client import Client, request
from tests.support.inside import proxying
from tests.support.origin import response

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nServer: x\r\n\r\n"


def script(peer):
    peer.request()
    peer.send(HINTS + response(b"body"))


def interim(conf, asked=None, script=script):
    """Return the responses to one request, the interim ones first."""
    found = []
    conf = f"location / {{ {conf} proxy_pass http://%ORIGIN%; }}"
    with proxying(script, conf) as server, Client(server.address) as client:
        client.send(asked or request(b"GET", b"/", b"Nav: navigate"))
        while not found or found[-1].status < 200:
            found.append(client.response())
    assert (found[-1].status, found[-1].body) == (200, b"body")
    return found[:-1]


def test_they_go_on_without_what_concerns_the_upstream_alone():
    (hints,) = interim("early_hints 1;")
    assert hints.status == 103
    assert hints.fields == [(b"Link", b"</a.css>; rel=preload")]


@pytest.mark.parametrize("conf", ["", "early_hints 0;", "early_hints $arg_a 0;"])
def test_nobody_gets_them_who_was_not_said_to(conf):
    assert interim(conf) == []


def test_one_condition_is_enough():
    assert len(interim("early_hints $arg_a $http_nav;")) == 1


def test_an_old_client_gets_none():
    assert interim("early_hints 1;", b"GET / HTTP/1.0\r\n\r\n") == []


def test_hints_that_say_nothing_and_other_interim_answers_end_here():
    def says_nothing(peer):
        peer.request()
        peer.send(b"HTTP/1.1 103 Early Hints\r\nServer: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        peer.send(response(b"body"))

    assert interim("early_hints 1;", script=says_nothing) == []


def test_each_of_several_goes_on():
    def twice(peer):
        peer.request()
        peer.send(HINTS + HINTS + response(b"body"))

    assert len(interim("early_hints 1;", script=twice)) == 2
