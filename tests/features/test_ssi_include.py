"""Includes that are asked for before it is their turn."""

import threading

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import response

CONF = """
    location / { root %PREFIX%; ssi on; }
    location /of/ { proxy_pass http://%ORIGIN%; }
"""


class Slow:
    """An origin that answers with the target, and the targets it holds only when it may go on."""

    def __init__(self, *held):
        self.held = held
        self.go_on = threading.Event()

    def __call__(self, peer):
        target = peer.request().target
        if target in self.held:
            self.go_on.wait(10.0)
        peer.send(response(target.removeprefix(b"/of/")))


def ask(origin, page, asked, then):
    """Ask for a page; when so many requests are at the origin, do something; return the page."""
    with proxying(origin, CONF) as server, Client(server.address) as client:
        server.write("p.html", page)
        client.send(request(b"GET", b"/p.html"))
        targets = [one.target for one in server.origin.wait(asked)]
        then(server, targets)
        return client.final().body


def go_on(origin):
    return lambda _server, _targets: origin.go_on.set()


def test_all_of_a_page_are_asked_for_at_once_and_shown_in_their_order():
    origin = Slow(b"/of/a")
    page = b'1<!--#include virtual="/of/a" -->2<!--#include virtual="/of/b" -->3'
    assert ask(origin, page, 2, go_on(origin)) == b"1a2b3"


def test_what_is_behind_one_that_says_wait_is_not_asked_for_before_it_is_shown():
    origin = Slow(b"/of/a", b"/of/b")
    page = (
        b'<!--#include virtual="/of/a" --><!--#include virtual="/of/b" wait="yes" -->'
        b'<!--#include virtual="/of/c" -->'
    )

    def then(_server, targets):
        assert sorted(targets) == [b"/of/a", b"/of/b"]
        origin.go_on.set()

    assert ask(origin, page, 2, then) == b"abc"


def test_what_one_sets_is_known_behind_it():
    origin = Slow(b"/of/a", b"/of/v")
    page = (
        b'<!--#include virtual="/of/a" --><!--#include virtual="/of/v" set="x" -->'
        b'[<!--#echo var="x" -->]'
    )
    assert ask(origin, page, 2, go_on(origin)) == b"a[v]"


def test_one_that_fails_leaves_its_mark_in_its_place():
    def origin(peer):
        target = peer.request().target
        if target == b"/of/b":
            peer.send(response(b"x" * 100)[:-50])
        else:
            peer.send(response(target.removeprefix(b"/of/")))

    page = b'<!--#include virtual="/of/a" --><!--#include virtual="/of/b" -->.'
    assert ask(origin, page, 2, lambda *_: None) == b"a" + b"x" * 50 + b"."


def test_a_block_stands_in_for_one_that_is_empty():
    origin = Slow(b"/of/a")
    page = (
        b'<!--#block name="s" -->(<!--#echo var="uri" -->)<!--#endblock -->'
        b'<!--#include virtual="/of/a" -->1<!--#include virtual="/of/" stub="s" -->2'
    )
    assert ask(origin, page, 2, go_on(origin)) == b"a1(/p.html)2"


def test_a_client_that_leaves_is_not_waited_for():
    origin = Slow(b"/of/a", b"/of/b")
    page = b'<!--#include virtual="/of/a" --><!--#include virtual="/of/b" -->'
    with proxying(origin, CONF) as server:
        server.write("p.html", page)
        with Client(server.address) as client:
            client.send(request(b"GET", b"/p.html"))
            server.origin.wait(2)
        origin.go_on.set()
        eventually(lambda: all(peer.closed() for peer in server.origin.peers))
        assert get(server.address, b"/of/c").body == b"c"
