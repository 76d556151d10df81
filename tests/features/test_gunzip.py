"""gunzip: content that comes as gzip is unpacked for clients that do not take it."""

import gzip
import itertools
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.client import Client, ask, get, request
from tests.support.inside import proxying
from tests.support.origin import answers, chunked, response

CODED = b"Content-Encoding: gzip"
TEXT = b"".join(b"<li>line %d</li>\n" % number for number in range(20000))
PACKED = gzip.compress(TEXT)
PROXIED = "location / { gunzip on; gzip_vary on; proxy_pass http://%ORIGIN%; CONF }"


def proxied(answer, *sent, conf="", method=b"GET"):
    with proxying(answers(answer), PROXIED.replace("CONF", conf)) as server:
        return ask(server.address, request(method, b"/", *sent), method)


@pytest.mark.parametrize("packed", [response(PACKED, CODED), chunked([PACKED], CODED)])
def test_it_is_unpacked(packed):
    answer = proxied(packed)
    assert answer.body == TEXT
    assert b"content-encoding" not in answer
    assert answer.get(b"vary") == b"Accept-Encoding"


def test_who_takes_gzip_gets_it():
    answer = proxied(response(PACKED, CODED, b'ETag: "a"'), b"Accept-Encoding: gzip")
    assert answer.body == PACKED
    assert answer.get(b"etag") == b'"a"'
    assert answer.get(b"vary") == b"Accept-Encoding"


def test_other_codings_are_left_alone():
    assert proxied(response(b"br", b"Content-Encoding: br")).body == b"br"


def test_a_tag_becomes_weak():
    assert proxied(response(PACKED, CODED, b'ETag: "a"')).get(b"etag") == b'W/"a"'


def test_what_is_put_into_a_page_is_unpacked_whatever_the_client_takes():
    page = b'<!--#include virtual="/inner" -->!'
    conf = f"location /page {{ ssi on; default_type text/html; return 200 '{page.decode()}'; }}"
    with proxying(answers(response(PACKED, CODED)), PROXIED.replace("CONF", ""), conf) as server:
        assert get(server.address, b"/page", b"Accept-Encoding: gzip").body == TEXT + b"!"


def test_several_members_are_one_content():
    assert proxied(response(PACKED + gzip.compress(b"end"), CODED)).body == TEXT + b"end"


@pytest.mark.parametrize("packed", [b"", gzip.compress(b"")])
def test_nothing_is_unpacked_to_nothing(packed):
    answer = proxied(response(packed, CODED))
    assert (answer.status, answer.body) == (200, b"")


def test_head_has_the_fields_of_get():
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"
    answer = proxied(head, method=b"HEAD")
    assert b"content-encoding" not in answer
    assert b"content-length" not in answer


def test_a_short_answer_keeps_a_length():
    answer = proxied(response(gzip.compress(b"text"), CODED))
    assert (answer.body, answer.get(b"content-length")) == (b"text", b"4")


def test_what_is_no_gzip_is_a_502_while_nothing_is_out():
    script = answers(response(b"no gzip at all", CODED))
    with proxying(script, PROXIED.replace("CONF", "")) as server:
        assert get(server.address).status == 502
        assert "content is no gzip" in server.errors()


@pytest.mark.parametrize("end", [len(PACKED) - 1, len(PACKED) - 8, len(PACKED) // 2])
def test_what_ends_too_early_is_cut_and_logged(end):
    script = answers(chunked([PACKED[:end]], CODED))
    with proxying(script, PROXIED.replace("CONF", "")) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        assert not client.rest().endswith(b"0\r\n\r\n")
        assert server.errors().count("ends too early") == 1


def test_a_bomb_is_unpacked_in_bounded_memory():
    count = 64 << 20
    bomb = gzip.compress(bytes(count))
    script, conf = answers(response(bomb, CODED)), PROXIED.replace("CONF", "")
    with proxying(script, conf) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/", b"Connection: close"))
        tracemalloc.start()
        try:
            heard = 0
            while piece := client.socket.recv(1 << 20):
                heard += len(piece)
            assert heard > count
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
        finally:
            tracemalloc.stop()


@pytest.fixture(scope="module")
def relay():
    """A server whose origin answers with what is in `now`, piece by piece."""
    now = []

    def script(peer):
        while True:
            peer.request()
            peer.send(*now)

    with proxying(script, PROXIED.replace("CONF", "")) as server, Client(server.address) as client:
        yield now, client


@settings(max_examples=60, deadline=None)
@given(
    members=some.lists(some.binary(max_size=300) | some.just(TEXT[:70000]), max_size=4),
    cuts=some.lists(some.integers(0, 3000), max_size=6),
)
def test_members_in_any_pieces_are_unpacked(relay, members, cuts):
    now, client = relay
    packed = b"".join(gzip.compress(member) for member in members)
    edges = [0, *sorted(cut for cut in cuts if cut < len(packed)), len(packed)]
    pieces = [packed[start:end] for start, end in itertools.pairwise(edges)]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    now[:] = [head % len(packed), *pieces]
    assert client.get().body == b"".join(members)
