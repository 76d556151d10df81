"""sub_filter: texts are replaced in whatever pieces they come."""

import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked, response

HTML = b"Content-Type: text/html"
PROXIED = "location / { proxy_pass http://%ORIGIN%; CONF }"


def replaced(text, conf, *fields, sent=(), method=b"GET"):
    script = answers(response(text, *(fields or (HTML,))))
    with proxying(script, PROXIED.replace("CONF", conf)) as server:
        return ask(server.address, request(method, b"/x?a=y", *sent), method)


@pytest.mark.parametrize(
    ("text", "conf", "shown"),
    [
        (b"a foo.", "sub_filter foo bar;", b"a bar."),
        (b"FOO Foo", "sub_filter foo bar;", b"bar Foo"),
        (b"foofoo", "sub_filter foo bar; sub_filter_once off;", b"barbar"),
        (b"foo baz foo", "sub_filter foo 1; sub_filter baz 2;", b"1 2 foo"),
        (b"foobar", "sub_filter foo 1; sub_filter foobar 2;", b"1bar"),
        (b"foobar", "sub_filter foobar 2; sub_filter foo 1;", b"2"),
        (b"oo foob", "sub_filter foobar 2; sub_filter oo 1;", b"1 foob"),
        (b"foo", "sub_filter foo foofoo; sub_filter_once off;", b"foofoo"),
        (b"X/x y", "sub_filter x$uri '$arg_a$arg_a';", b"yy y"),
        (b"none", "sub_filter '$arg_none' x;", b"none"),
        (b"a.c abc", "sub_filter a.c 1; sub_filter_once off;", b"1 abc"),
        (b"fo", "sub_filter foo bar;", b"fo"),
    ],
)
def test_a_text(text, conf, shown):
    assert replaced(text, conf).body == shown


def test_validators_go_unless_they_are_kept():
    fields = (HTML, b'ETag: "a"', b"Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT")
    answer = replaced(b"foo", "sub_filter foo bar;", *fields)
    assert b"etag" not in answer
    assert b"last-modified" not in answer
    answer = replaced(b"foo", "sub_filter foo bar; sub_filter_last_modified on;", *fields)
    assert answer.get(b"etag") == b'W/"a"'
    assert b"last-modified" in answer


@pytest.mark.parametrize(
    "fields", [(b"Content-Type: image/png",), (HTML, b"Content-Encoding: br"), (b"X-None: 1",)]
)
def test_what_is_left_as_it_is(fields):
    assert replaced(b"foo", "sub_filter foo bar;", *fields).body == b"foo"


def test_other_types_may_be_named():
    conf = "sub_filter foo bar; sub_filter_types text/css;"
    assert replaced(b"foo", conf, b"Content-Type: text/css").body == b"bar"


def test_head_and_answers_without_content():
    head = answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n")
    with proxying(head, PROXIED.replace("CONF", "sub_filter foo bar;")) as server:
        answer = ask(server.address, request(b"HEAD", b"/"), b"HEAD")
        assert (answer.status, b"content-length" in answer) == (200, False)
    assert replaced(b"", "sub_filter foo bar;").get(b"content-length") == b"0"


def test_what_is_replaced_is_compressed_afterwards():
    with Inside("root %PREFIX%; sub_filter foo bar; gzip on; gzip_min_length 0;") as server:
        server.write("a.html", b"foo")
        assert get(server.address, b"/a.html").body == b"bar"
        answer = get(server.address, b"/a.html", b"Accept-Encoding: gzip")
        assert answer.get(b"content-encoding") == b"gzip"


def test_only_what_may_begin_a_text_waits_for_more():
    seen = threading.Event()

    def slowly(peer):
        peer.request()
        peer.send(chunked([b"hello fo"], HTML)[: -len(b"0\r\n\r\n")])
        assert seen.wait(5)
        peer.send(b"1\r\no\r\n0\r\n\r\n")

    conf = PROXIED.replace("CONF", "sub_filter foo bar;")
    with proxying(slowly, conf) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/", b"Connection: close"))
        heard = b""
        while b"hello " not in heard:
            heard += client.socket.recv(4096)
        seen.set()
        assert b"bar" in client.rest()


@pytest.fixture(scope="module")
def relay():
    """A server whose origin answers with what is in `now`, piece by piece."""
    now = []

    def script(peer):
        while True:
            peer.request()
            peer.send(*now)

    conf = "sub_filter aab 1; sub_filter ab 2; sub_filter bab 3; sub_filter_once off;"
    with proxying(script, PROXIED.replace("CONF", conf)) as server, Client(server.address) as one:
        yield now, one


PUT = {b"aab": b"1", b"ab": b"2", b"bab": b"3"}


@settings(max_examples=100, deadline=None)
@given(pieces=some.lists(some.text("abc", min_size=1, max_size=6), min_size=1, max_size=6))
def test_pieces_make_no_difference(relay, pieces):
    now, client = relay
    octets = [piece.encode() for piece in pieces]
    now[:] = [chunked(octets, HTML)]
    whole = re.sub(rb"aab|ab|bab", lambda match: PUT[match[0]], b"".join(octets))
    assert client.get().body == whole
