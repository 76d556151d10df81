"""What comes by HTTP/2 goes on by HTTP/1, and nothing in it becomes a line of its own.

The vectors by which an HTTP/2 front end was led to write a second request: lengths that are not the
content's, codings, line ends in names and values, pseudo-fields that are not what they should be;
and every message of tests/corpus, said in HTTP/2. The origin reads by RFC 9112 alone.
"""

import contextlib
from pathlib import Path

import pytest

from tests.support.http2 import Client2
from tests.support.inside import proxying
from tests.support.origin import echo

CORPUS = Path(__file__).parents[1] / "corpus"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def server():
    conf = "http2 on; client_body_timeout 2s; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(echo, conf) as found:
        yield found


def head(*fields, method=b"POST", path=b"/", scheme=b"http", authority=b"a"):
    given = ((b":method", method), (b":scheme", scheme), (b":path", path))
    host = () if authority is None else ((b":authority", authority),)
    return [*given, *host, *fields]


REFUSED = {
    "length above the content": (head((b"content-length", b"50")), b"hello"),
    "length below the content": (head((b"content-length", b"3")), b"hello" + SMUGGLED),
    "two lengths": (head((b"content-length", b"5"), (b"content-length", b"0")), b"hello"),
    "a list of lengths": (head((b"content-length", b"5, 5")), b"hello"),
    "a signed length": (head((b"content-length", b"+5")), b"hello"),
    "a coding": (head((b"transfer-encoding", b"chunked")), b"0\r\n\r\n" + SMUGGLED),
    "a coding and a length": (
        head((b"transfer-encoding", b"chunked"), (b"content-length", b"5")),
        b"hello",
    ),
    "a coding behind a line end": (head((b"x", b"y\r\ntransfer-encoding: chunked")), b"hello"),
    "a request behind a line end": (head((b"x", b"y\r\n\r\n" + SMUGGLED)), b""),
    "LF in a value": (head((b"x", b"y\nz: a")), b""),
    "CR in a value": (head((b"x", b"y\rz: a")), b""),
    "NUL in a value": (head((b"x", b"y\0z")), b""),
    "a line end in a name": (head((b"x: y\r\ntransfer-encoding", b"chunked")), b""),
    "a colon in a name": (head((b"transfer-encoding: chunked", b"x")), b"hello"),
    "a space in a name": (head((b"transfer-encoding ", b"chunked")), b"hello"),
    "a capital in a name": (head((b"Transfer-Encoding", b"chunked")), b"hello"),
    "no name": (head((b"", b"x")), b""),
    "connection": (head((b"connection", b"content-length")), b"hello"),
    "upgrade": (head((b"upgrade", b"h2c")), b""),
    "keep-alive": (head((b"keep-alive", b"timeout=5")), b""),
    "proxy-connection": (head((b"proxy-connection", b"keep-alive")), b""),
    "te": (head((b"te", b"chunked")), b""),
    "te of trailers and more": (head((b"te", b"trailers, chunked")), b""),
    "a length and nothing": (head((b"content-length", b"5")), b""),
    "a negative length": (head((b"content-length", b"-5")), b"hello"),
    "a length of 2^64 and 5": (head((b"content-length", b"18446744073709551621")), b"hello"),
    "a length with NUL": (head((b"content-length", b"5\0")), b"hello"),
    "no length": (head((b"content-length", b"")), b"hello"),
    "a length in a name": (head((b"content-length: 5\r\nx", b"y")), b"hello"),
    "a space in :path": (head(path=b"/ HTTP/1.1 x"), b""),
    "a line end in :path": (head(path=b"/ HTTP/1.1\r\nx: y"), b""),
    "no :path": (head(path=b""), b""),
    ":path without a slash": (head(path=b"smuggled"), b""),
    ":path with its host": (head(path=b"http://b/smuggled"), b""),
    ":path of a question": (head(path=b"?x"), b""),
    ":path of an asterisk": (head(path=b"*"), b""),
    "NUL in :path": (head(path=b"/a\0b"), b""),
    "a tab in :path": (head(path=b"/a\tb"), b""),
    "DEL in :path": (head(path=b"/a\x7fb"), b""),
    "LF in :path": (head(path=b"/\nx: y"), b""),
    "a space in :method": (head(method=b"GET /smuggled"), b""),
    "no :method": (head()[1:], b""),
    "an empty :method": (head(method=b""), b""),
    ":method in small letters": (head(method=b"get"), b""),
    "NUL in :method": (head(method=b"GET\0"), b""),
    "CONNECT": (head(method=b"CONNECT"), b""),
    "a line end in :method": (head(method=b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET"), b""),
    "a line end in :authority": (head(authority=b"a\r\nx: y"), b""),
    "a space in :authority": (head(authority=b"a b"), b""),
    "a path in :authority": (head(authority=b"a/b"), b""),
    "a question in :authority": (head(authority=b"a?b"), b""),
    "two hosts in :authority": (head(authority=b"a,b"), b""),
    "a port of letters in :authority": (head(authority=b"a:b"), b""),
    "NUL in :authority": (head(authority=b"a\0b"), b""),
    "a tab in :authority": (head(authority=b"a\tb"), b""),
    "an empty :authority": (head(authority=b""), b""),
    "user information in :authority": (head(authority=b"u@a"), b""),
    "a line end in :scheme": (head(scheme=b"http://x/\r\n"), b""),
    "Host that is not :authority": (head((b"host", b"b")), b""),
    "two Host": (head((b"host", b"a"), (b"host", b"b"), authority=None), b""),
    "no host at all": (head(authority=None), b""),
    "a pseudo-field behind a field": ([(b"x", b"y"), *head()], b""),
    "a pseudo-field twice": ([*head(), (b":path", b"/other")], b""),
    "an unknown pseudo-field": ([*head(), (b":x", b"y")], b""),
    ":protocol without CONNECT": ([*head(), (b":protocol", b"websocket")], b""),
    "no :scheme": ([pair for pair in head() if pair[0] != b":scheme"], b""),
    "an empty :scheme": (head(scheme=b""), b""),
    "a space in :scheme": (head(scheme=b"http x"), b""),
    "a pseudo-field in capitals": ([(b":METHOD", b"GET"), *head()], b""),
    "a pseudo-field without a name": ([*head(), (b":", b"x")], b""),
    "a pseudo-field of answers": ([*head(), (b":status", b"200")], b""),
}
TRAILERS = {
    "a length": [(b"content-length", b"5")],
    "a coding": [(b"transfer-encoding", b"chunked")],
    "a host": [(b"host", b"b")],
    "a connection": [(b"connection", b"close")],
    "te": [(b"te", b"chunked")],
    "a pseudo-field": [(b":path", b"/other")],
    "a pseudo-field of answers": [(b":status", b"200")],
    "a pseudo-field behind a field": [(b"x", b"y"), (b":method", b"GET")],
    "a capital": [(b"X", b"y")],
    "NUL": [(b"x", b"y\0")],
    "a colon in a name": [(b"content-length: 5", b"x")],
    "a line end": [(b"x", b"y\r\n\r\n" + SMUGGLED)],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_said_in_http1_goes_nowhere(server, name):
    fields, body = REFUSED[name]
    with Client2(server.address) as client:
        stream = client.request_of(fields, body=body or None)
        with contextlib.suppress(AssertionError):
            answer = client.answer(stream)
            assert answer.reset is not None or answer.status in (400, 405)
    assert_nothing_reached(server)


@pytest.mark.parametrize("name", TRAILERS)
def test_trailers_that_would_frame_or_route_go_nowhere(server, name):
    with Client2(server.address) as client:
        stream = client.request_of(head(), body=b"hello", end=False)
        client.conn.send_headers(stream, TRAILERS[name], end_stream=True)
        client.flush()
        with contextlib.suppress(AssertionError):
            client.answer(stream)
    assert_nothing_smuggled(server)


def assert_nothing_reached(server):
    """The next request is the only one that the origin has seen whole."""
    with Client2(server.address) as client:
        assert client.get("/behind").status == 200
    faults, seen = server.origin.faults, [asked.target for asked in server.origin.requests]
    server.origin.requests.clear()
    assert (faults, seen) == ([], [b"/behind"])


def test_what_is_behind_a_length_of_nothing_is_no_request(server):
    with Client2(server.address) as client:
        stream = client.request_of(head((b"content-length", b"0")), body=SMUGGLED)
        with contextlib.suppress(AssertionError):
            client.answer(stream)
    assert_nothing_smuggled(server)


def assert_nothing_smuggled(server):
    """The request itself may have reached the origin, framed once, but nothing in it as another."""
    with Client2(server.address) as client:
        assert client.get("/behind").status == 200
    faults, seen = server.origin.faults, list(server.origin.requests)
    server.origin.requests.clear()
    assert faults == []
    assert [asked.target for asked in seen] in ([b"/behind"], [b"/", b"/behind"])
    assert all(asked.body in (b"", b"hello") and not asked.trailers for asked in seen)


@pytest.mark.parametrize("length", [None, b"5"])
def test_content_is_framed_once_whether_its_length_is_said_or_not(server, length):
    fields = head(*([(b"content-length", length)] if length else []))
    with Client2(server.address) as client:
        assert client.answer(client.request_of(fields, body=b"hello")).status == 200
    (asked,) = server.origin.requests
    assert asked.body == b"hello"
    assert len(asked.all(b"content-length")) + len(asked.all(b"transfer-encoding")) == 1
    assert server.origin.faults == []
    server.origin.requests.clear()


def test_content_that_looks_like_a_request_is_content(server):
    body = b"0\r\n\r\n" + SMUGGLED
    with Client2(server.address) as client:
        assert client.answer(client.request_of(head(), body=body)).status == 200
    (asked,) = server.origin.requests
    assert asked.body == body
    server.origin.requests.clear()


def translated(octets, *, lower):
    """Return a head and content that say in HTTP/2 what these octets say, with all that is odd."""
    raw, _, content = octets.partition(b"\r\n\r\n")
    line, *lines = raw.split(b"\r\n")
    method, _, rest = line.partition(b" ")
    fields = []
    authority = None
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"host" and authority is None:
            authority = value.strip(b" ")
        else:
            fields.append((name.lower() if lower else name, value.removeprefix(b" ")))
    path = rest.rpartition(b" ")[0] or rest
    return head(*fields, method=method, path=path, authority=authority), content


MESSAGES = sorted(str(path.relative_to(CORPUS)) for path in CORPUS.rglob("*.http"))


@pytest.mark.parametrize("lower", [True, False], ids=["as-http2-has-it", "as-it-is"])
@pytest.mark.parametrize("name", MESSAGES)
def test_no_message_of_the_corpus_becomes_two(server, name, lower):
    fields, content = translated((CORPUS / name).read_bytes(), lower=lower)
    answer = None
    with Client2(server.address) as client:
        stream = client.request_of(fields, body=content or None)
        with contextlib.suppress(AssertionError):
            answer = client.answer(stream)
    with Client2(server.address) as client:
        assert client.get("/behind").status == 200
    faults, seen = server.origin.faults, list(server.origin.requests)
    server.origin.requests.clear()
    assert faults == []
    assert seen.pop().target == b"/behind"
    if answer is None or answer.reset is not None or answer.status != 200:
        assert seen == []
        return
    (asked,) = seen
    assert asked.body == content
    framings = len(asked.all(b"content-length")) + len(asked.all(b"transfer-encoding"))
    assert framings == (1 if content else 0) or asked.get(b"content-length") == b"0"
