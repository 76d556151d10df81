"""An answer on its way to the client: its head, its content, its framing, its trailers."""

import re

import pytest

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked, response

PROXY = "location / { proxy_pass http://%ORIGIN%; }"
HEAD_1_0 = b"GET / HTTP/1.0\r\n\r\n"
DATE = re.compile(rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")


def answered(octets, conf=PROXY, close=False):
    """Return what a client is sent where the upstream answers with these octets."""
    with proxying(answers(octets, close=close), conf) as server:
        return get(server.address)


def test_the_head_has_nginx_order():
    with Inside("default_type text/plain; return 200 ok;") as server:
        names = [name for name, _ in get(server.address).fields]
    assert names == [b"Server", b"Date", b"Content-Type", b"Content-Length", b"Connection"]


def test_a_media_type_that_is_added_stands_beside_the_one_that_was_there():
    conf = "default_type text/a; return 200 ok; add_header Content-Type text/plain;"
    with Inside(conf) as server:
        answer = get(server.address)
    media = [value for name, value in answer.fields if name == b"Content-Type"]
    assert media == [b"text/a", b"text/plain"]


def test_the_date_is_this_moment():
    with Inside("return 204;") as server:
        assert DATE.fullmatch(get(server.address).get(b"date"))


def test_reasons_are_ours_for_our_answers_and_theirs_for_theirs():
    with Inside("return 302 /;") as server:
        assert get(server.address).reason == b"Moved Temporarily"
    assert answered(response(status=b"200 Fine")).reason == b"Fine"
    assert answered(response(status=b"299 ")).reason == b""


@pytest.mark.parametrize("size", [0, 1, 16_384, 16_385, 70_000, 1_000_000])
@pytest.mark.parametrize("framed", ["length", "chunked", "end"])
def test_content_of_any_size_comes_whole(size, framed):
    content = bytes(range(250)) * (size // 250 + 1)
    content = content[:size]
    octets = {
        "length": response(content),
        "chunked": chunked([content] if content else []),
        "end": b"HTTP/1.1 200 OK\r\n\r\n" + content,
    }[framed]
    answer = answered(octets, close=framed == "end")
    assert answer.body == content
    assert (b"transfer-encoding" in answer) == (framed != "length")


@pytest.mark.parametrize(
    "octets", [chunked([b"abc", b"d"]), chunked([b"abc", b"d"], trailers=[b"T: 1"])]
)
def test_a_client_of_1_0_gets_no_chunks_but_the_end_of_the_connection(octets):
    with proxying(answers(octets), PROXY) as server, Client(server.address) as client:
        client.send(HEAD_1_0)
        head, _, content = client.rest().partition(b"\r\n\r\n")
    assert content == b"abcd"
    assert b"transfer-encoding" not in head.lower()
    assert b"Connection: close" in head


def test_chunks_may_be_switched_off():
    conf = "location / { chunked_transfer_encoding off; proxy_pass http://%ORIGIN%; }"
    answer = answered(chunked([b"abc"]), conf=conf)
    assert (answer.body, answer.get(b"connection")) == (b"abc", b"close")
    assert b"transfer-encoding" not in answer


@pytest.mark.parametrize("size", [3, 100_000])
def test_trailers_come_behind_the_content(size):
    conf = "location / { proxy_pass_trailers on; proxy_pass http://%ORIGIN%; }"
    answer = answered(chunked([bytes(size)], trailers=[b"T: 1", b"Sum: 2"]), conf)
    assert len(answer.body) == size
    assert answer.trailers == [(b"T", b"1"), (b"Sum", b"2")]


@pytest.mark.parametrize(
    ("octets", "length"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", b"7"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n\r\n", None),
    ],
)
def test_a_head_says_what_the_content_would_be(octets, length):
    with proxying(answers(octets), PROXY) as server, Client(server.address) as client:
        answer = client.ask(request(b"HEAD", b"/"), to=b"HEAD")
        assert answer.get(b"content-length") == length
        assert answer.get(b"connection") == b"keep-alive"
        assert client.ask(request(b"HEAD", b"/"), to=b"HEAD").status == 200


@pytest.mark.parametrize(
    ("octets", "length"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", None),
        (b"HTTP/1.1 304 Not Modified\r\nETag: a\r\n\r\n", None),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", b"7"),
    ],
)
def test_statuses_without_content_have_none(octets, length):
    with proxying(answers(octets), PROXY) as server, Client(server.address) as client:
        for _ in range(2):
            answer = client.get()
            assert (answer.get(b"content-length"), b"transfer-encoding" in answer) == (
                length,
                False,
            )


def test_an_answer_of_ours_without_content_has_a_length_of_zero():
    with Inside("return 200;") as server:
        assert get(server.address).get(b"content-length") == b"0"


def test_an_upstream_that_breaks_off_before_anything_is_out_is_a_502():
    broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"
    answer = answered(broken)
    assert answer.status == 502


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
    ],
)
def test_half_an_answer_never_looks_whole(octets):
    with proxying(answers(octets, close=True), PROXY) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        came = client.rest()
        assert b"200 OK" in came
        assert not came.endswith(b"0\r\n\r\n")
        assert "upstream prematurely closed connection" in server.errors()


def test_a_file_that_became_shorter_ends_the_connection():
    with Inside("root files; access_log logs/access.log;") as server:
        path = server.write("files/x", bytes(200_000))
        with Client(server.address) as client:
            assert len(client.get(b"/x").body) == 200_000
            path.write_bytes(b"short")
            assert client.get(b"/x").body == b"short"


def test_a_client_that_reads_slowly_gets_everything():
    content = bytes(range(256)) * 40_000
    with Inside("root files;") as server:
        server.write("files/x", content)
        with Client(server.address, timeout=20.0) as client:
            client.send(request(b"GET", b"/x"))
            assert client.final().body == content


def test_a_client_that_stops_reading_is_let_go():
    content = bytes(30_000_000)
    conf = "send_timeout 200ms; root files; access_log logs/access.log shown;"
    http = 'log_format shown "$status [$request_completion]";'
    with Inside(conf, http=http) as server:
        server.write("files/x", content)
        with Client(server.address) as client:
            client.send(request(b"GET", b"/x"))
            assert server.lines() == [b"200 []"]
            assert "client timed out" in server.errors()


def test_who_takes_an_answer_too_slowly_is_let_go():
    with Inside("root %PREFIX%; send_min_rate 10m;") as server:
        server.write("file", bytes(20_000_000))
        with Client(server.address, timeout=20) as client:
            client.send(request(b"GET", b"/file"))

            def drips():
                client.socket.recv(10_000)
                return "client timed out" in server.errors()

            eventually(drips, within=15.0, what="it is let go")
        assert get(server.address, b"/file").status == 200
