"""gzip, brotli, zstd: answers are compressed while they are sent."""

import random
import sys
import threading
import zlib

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.http2 import Client2
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked, response

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP = b"Accept-Encoding: gzip"
HTML = b"Content-Type: text/html"
TEXT = b"".join(b"<li>line %d</li>\n" % number for number in range(20000))
PROXIED = "gzip_min_length 0; location / { gzip on; proxy_pass http://%ORIGIN%; CONF }"


def proxied(answer, *sent, conf="", method=b"GET"):
    with proxying(answers(answer), PROXIED.replace("CONF", conf)) as server:
        return ask(server.address, request(method, b"/", GZIP, *sent), method)


UNPACK = {
    b"gzip": lambda octets: zlib.decompress(octets, 31),
    b"br": brotli.decompress,
    b"zstd": zstd.decompress,
}


def unpacked(answer, coding=b"gzip"):
    assert answer.get(b"content-encoding") == coding
    return UNPACK[coding](answer.body)


def test_a_file():
    with Inside("gzip on; root %PREFIX%;") as server:
        server.write("a.html", TEXT)
        answer = get(server.address, b"/a.html", GZIP)
        assert unpacked(answer) == TEXT
        assert len(answer.body) < len(TEXT) / 3
        assert answer.get(b"etag").startswith(b'W/"')
        assert b"accept-ranges" not in answer
        assert b"content-length" not in answer


def test_an_answer_that_is_there_as_a_whole_keeps_a_length():
    answer = proxied(response(TEXT[:4000], HTML))
    assert unpacked(answer) == TEXT[:4000]
    assert int(answer.get(b"content-length")) == len(answer.body)


def test_a_range_of_a_compressed_file_is_the_whole_of_it():
    with Inside("gzip on; root %PREFIX%;") as server:
        server.write("a.html", TEXT)
        answer = get(server.address, b"/a.html", GZIP, b"Range: bytes=0-1")
        assert (answer.status, unpacked(answer)) == (200, TEXT)


@pytest.mark.parametrize(
    "wanted", [b"identity", b"gzip;q=0", b"br", b"identity, gzip;q=0.9", b"*;q=0", b""]
)
def test_who_does_not_want_it_gets_content_as_it_is(wanted):
    with Inside("gzip on; root %PREFIX%;") as server:
        server.write("a.html", TEXT)
        answer = get(server.address, b"/a.html", b"Accept-Encoding: " + wanted)
        assert b"content-encoding" not in answer
        assert answer.body == TEXT


@pytest.mark.parametrize(
    "fields",
    [
        (b"Content-Type: image/png",),
        (),
        (HTML, b"Content-Encoding: br"),
        (HTML, b"Cache-Control: public, no-transform"),
    ],
)
def test_what_is_left_as_it_is(fields):
    answer = proxied(response(TEXT, *fields))
    assert answer.body == TEXT
    assert answer.all(b"content-encoding") == [b"br"] * (len(fields) == 2 and b"br" in fields[1])


@pytest.mark.parametrize(
    ("status", "coded"), [(b"200 OK", True), (b"404 Not Found", True), (b"500 No", False)]
)
def test_statuses(status, coded):
    answer = proxied(response(TEXT, HTML, status=status))
    assert (b"content-encoding" in answer) is coded


@pytest.mark.parametrize(("length", "coded"), [(99, False), (100, True)])
def test_short_answers_are_not_worth_it(length, coded):
    answer = proxied(response(b"x" * length, HTML), conf="gzip_min_length 100; gzip_types *;")
    assert (b"content-encoding" in answer) is coded


def test_a_type_is_known_in_any_case_and_with_parameters():
    answer = proxied(response(TEXT, b"Content-Type: Text/HTML ; charset=utf-8"))
    assert unpacked(answer) == TEXT


def test_all_types():
    answer = proxied(response(TEXT, b"Content-Type: a/b"), conf="gzip_types *;")
    assert unpacked(answer) == TEXT


@pytest.mark.parametrize("length", [0, 500])
def test_head_is_answered_as_get_would_be(length):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % length
    answer = proxied(head, method=b"HEAD", conf="gzip_min_length 1;")
    assert answer.all(b"content-encoding") == [b"gzip"] * (length > 0)
    assert b"content-length" not in answer or length == 0


def test_nothing_is_compressed_to_a_stream_without_content():
    assert unpacked(proxied(chunked([], HTML))) == b""


def test_an_answer_without_content_has_none():
    answer = proxied(b"HTTP/1.1 304 Not Modified\r\nContent-Type: text/html\r\n\r\n")
    assert (answer.status, answer.body, b"content-encoding" in answer) == (304, b"", False)


def test_trailers_are_kept():
    answer = proxied(
        chunked([TEXT, b"end"], HTML, trailers=(b"Sum: 1",)), conf="proxy_pass_trailers on;"
    )
    assert unpacked(answer) == TEXT + b"end"
    assert answer.trailers == [(b"Sum", b"1")]


@pytest.mark.parametrize(
    ("conf", "wanted", "coding"),
    [
        ("gzip on; brotli on; zstd on;", b"gzip, deflate, br, zstd", b"zstd"),
        ("gzip on; brotli on;", b"gzip, deflate, br, zstd", b"br"),
        ("gzip on; brotli on; zstd on;", b"gzip, br;q=0.9, zstd;q=0.8", b"gzip"),
        ("gzip on; brotli on; zstd on;", b"br", b"br"),
        ("compress auto;", b"gzip, deflate, br, zstd", b"zstd"),
        ("compress brotli zstd gzip;", b"gzip, deflate, br, zstd", b"br"),
        ("compress gzip;", b"gzip, deflate, br, zstd", b"gzip"),
        ("compress auto; zstd off;", b"*", b"br"),
        ("compress off; gzip on;", b"*", b"gzip"),
    ],
)
def test_the_coding_that_the_client_likes_best_then_the_first_of_ours(conf, wanted, coding):
    with Inside(conf + "root %PREFIX%;") as server:
        server.write("a.html", TEXT)
        answer = get(server.address, b"/a.html", b"Accept-Encoding: " + wanted)
        assert unpacked(answer, coding) == TEXT
        assert answer.all(b"vary") == [b"Accept-Encoding"] * conf.startswith(
            ("compress auto", "compress b", "compress g")
        )


def test_compress_auto_knows_the_types_of_text():
    answer = proxied(response(TEXT, b"Content-Type: application/json"), conf="compress auto;")
    assert unpacked(answer) == TEXT
    assert b"content-encoding" not in proxied(
        response(TEXT, b"Content-Type: image/png"), conf="compress auto;"
    )


def test_streams_of_events_are_gzip_under_compress_auto():
    script = answers(response(TEXT, b"Content-Type: text/event-stream"))
    with proxying(script, PROXIED.replace("CONF", "compress auto;")) as server:
        answer = get(server.address, b"/", b"Accept-Encoding: gzip, br, zstd")
        assert unpacked(answer) == TEXT


@pytest.mark.parametrize("media", [b"text/event-stream", b"text/html"])
def test_each_piece_of_a_stream_is_sent_when_it_comes(media):
    seen = [threading.Event(), threading.Event()]

    def slowly(peer):
        peer.request()
        peer.send(chunked([], b"Content-Type: " + media)[: -len(b"0\r\n\r\n")])
        for event in seen:
            peer.send(b"4\r\ntick\r\n")
            assert event.wait(5)
        peer.send(b"0\r\n\r\n")

    conf = PROXIED.replace("CONF", "gzip_types text/event-stream;")
    with proxying(slowly, conf) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/", GZIP))
        reader, heard, plain = zlib.decompressobj(31), b"", b""
        while b"\r\n\r\n" not in heard:
            heard += client.socket.recv(65536)
        heard = heard.partition(b"\r\n\r\n")[2]
        for count, event in enumerate(seen, 1):
            while len(plain) < 4 * count:
                heard, plain = _unchunked(heard, reader, plain, client)
            assert plain == b"tick" * count
            event.set()


def _unchunked(heard, reader, plain, client):
    """Take one chunk off what was heard, or hear more."""
    line, end, rest = heard.partition(b"\r\n")
    if end and len(rest) >= int(line, 16) + 2:
        size = int(line, 16)
        return rest[size + 2 :], plain + reader.decompress(rest[:size])
    return heard + client.socket.recv(65536), plain


def test_an_upstream_that_fails_in_the_middle_cuts_the_answer():
    def half(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 999\r\n\r\nhalf")

    with proxying(half, PROXIED.replace("CONF", "")) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/", GZIP))
        assert not client.rest().endswith(b"0\r\n\r\n")


def test_a_client_that_stops_reading_stops_the_upstream():
    sent = []

    def endless(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        piece = random.Random(1).randbytes(1 << 20)
        while len(sent) < 256:
            peer.send(piece)
            sent.append(piece)

    conf = PROXIED.replace("CONF", "send_timeout 1s; proxy_max_temp_file_size 0;")
    with proxying(endless, conf) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/", GZIP))
        assert client.socket.recv(1)
        eventually(lambda: server.connections() == 0, what="it is given up")
        # What the kernel holds for both connections, and no more.
        assert len(sent) < 32


def test_a_very_long_line_of_codings_is_read_at_its_front():
    line = b", ".join([b"x-%d;q=0.5" % number for number in range(620)])
    assert len(line) > 7900
    front, behind = b"Accept-Encoding: gzip, " + line, b"Accept-Encoding: " + line + b", gzip"
    with Inside("gzip on; root %PREFIX%;") as server:
        server.write("a.html", TEXT)
        assert unpacked(get(server.address, b"/a.html", front)) == TEXT
        assert get(server.address, b"/a.html", behind).body == TEXT


def test_a_coding_that_the_content_does_not_have_is_passed_on_as_it_came():
    lying = proxied(response(b"no gzip at all", HTML, b"Content-Encoding: gzip"))
    assert (lying.body, lying.all(b"content-encoding")) == (b"no gzip at all", [b"gzip"])


def test_the_ratio_is_logged():
    http = "log_format ratio '$gzip_ratio';"
    conf = PROXIED.replace("CONF", "access_log logs/access.log ratio;")
    script = answers(response(b"x" * 10000, HTML), response(b"", HTML))
    with proxying(script, conf, http=http) as server:
        answer = get(server.address, b"/", GZIP)
        ratio = float(server.lines()[0])
        assert ratio == pytest.approx(10000 / len(answer.body), abs=0.01)
        get(server.address, b"/")
        assert server.lines(2)[1] == b"-"


PIECES = some.lists(some.binary(min_size=1, max_size=300) | some.just(TEXT[:70000]), max_size=8)


LEVELS = [("gzip", 1), ("gzip", 2), ("gzip", 6), ("brotli", 4), ("zstd", 3)]
NAMES = {"gzip": b"gzip", "brotli": b"br", "zstd": b"zstd"}


@pytest.fixture(scope="module")
def relay():
    """A server whose origin answers with what is in `now`, and a client of each protocol."""
    now = []

    def script(peer):
        while True:
            peer.request()
            peer.send(*now)

    conf = "".join(
        f"location /{name}{level} {{ {name} on; {name}_min_length 0; {name}_comp_level {level};"
        "proxy_pass http://%ORIGIN%; }"
        for name, level in LEVELS
    )
    with (
        proxying(script, "http2 on;", conf) as server,
        Client(server.address) as one,
        Client2(server.address) as two,
    ):
        yield now, {1: one.get, 2: lambda path, coding: two.get(path.decode(), _field(coding))}


def _field(line):
    """Return a field as HTTP/2 has it."""
    name, _, value = line.partition(b": ")
    return name.lower(), value


@settings(max_examples=150, deadline=None)
@given(
    pieces=PIECES,
    framed=some.booleans(),
    how=some.sampled_from(LEVELS),
    version=some.sampled_from((1, 2)),
)
def test_what_is_unpacked_is_what_the_origin_sent(relay, pieces, framed, how, version):
    now, clients = relay
    whole = b"".join(pieces)
    if framed:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
        now[:] = [head % len(whole), *pieces]
    else:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces]
        now[:] = [head, *chunks, b"0\r\n\r\n"]
    coding = NAMES[how[0]]
    answer = clients[version](f"/{how[0]}{how[1]}".encode(), b"Accept-Encoding: " + coding)
    assert unpacked(answer, coding) == whole


@pytest.fixture(scope="module")
def file():
    with Inside("gzip on; root %PREFIX%;") as server, Client(server.address) as client:
        server.write("a.html", TEXT)
        yield client


@settings(max_examples=50, deadline=None)
@given(
    first=some.integers(0, len(TEXT) + 10) | some.none(),
    last=some.integers(0, len(TEXT) + 10) | some.none(),
)
def test_ranges_are_of_content_as_it_is_and_never_of_what_is_compressed(file, first, last):
    line = b"%s-%s" % tuple(b"" if one is None else b"%d" % one for one in (first, last))
    wanted = b"Range: bytes=" + line
    assert unpacked(file.get(b"/a.html", wanted, GZIP)) == TEXT
    answer = file.get(b"/a.html", wanted)
    if answer.status == 206:
        start = len(TEXT) - min(last, len(TEXT)) if first is None else first
        end = len(TEXT) if first is None or last is None else last + 1
        assert answer.body == TEXT[start:end]
    else:
        beyond = first is not None and first >= len(TEXT)
        senseless = first is None and not last
        backwards = first is not None and last is not None and last < first
        assert (answer.status, beyond or senseless or backwards) in ((416, True), (200, True))


def test_media_types_of_several_lines_add_up():
    text = "gzip on; gzip_min_length 0; gzip_types text/css; gzip_types text/plain text/css;"
    with Inside(f"{text} types {{}} default_type text/plain; return 200 {'x' * 500};") as inside:
        assert get(inside.address, b"/", GZIP).get(b"content-encoding") == b"gzip"
