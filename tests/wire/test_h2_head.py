"""HTTP/2 field blocks: what is a request, and that it is framed as strictly as one of HTTP/1."""

import pytest

from forkproxy.errors import ProtocolError
from forkproxy.wire.h2_head import parse_block
from forkproxy.wire.head_limits import HeadLimits

GET = [(b":method", b"GET"), (b":scheme", b"https"), (b":path", b"/"), (b":authority", b"a")]


def with_(**changed):
    """Return GET's fields with other pseudo-headers; None takes one out."""
    given = {name[1:].decode(): value for name, value in GET} | changed
    return [(b":" + name.encode(), value) for name, value in given.items() if value is not None]


def test_a_request_is_written_down_as_http1_has_it():
    head = parse_block([*GET, (b"x-a", b"1"), (b"cookie", b"a=b"), (b"cookie", b"c=d")])
    assert head.raw == b"GET / HTTP/2.0\r\nhost: a\r\nx-a: 1\r\ncookie: a=b; c=d\r\n\r\n"
    assert head.host == b"a"
    assert head.request_line == b"GET / HTTP/2.0"


def test_host_stands_for_authority_and_may_say_the_same():
    assert parse_block([*with_(authority=None), (b"host", b"b")]).host == b"b"
    assert parse_block([*GET, (b"host", b"a")]).raw.count(b"host") == 1


@pytest.mark.parametrize(
    "fields",
    [
        with_(method=None),
        with_(method=b""),
        with_(method=b"GET /evil"),
        with_(method=b"get"),
        with_(method=b"G\x00T"),
        with_(scheme=None),
        with_(scheme=b"ht tp"),
        with_(path=None),
        with_(path=b""),
        with_(path=b"x"),
        with_(path=b"*"),
        with_(path=b"/a b"),
        with_(path=b"/a\tb"),
        with_(path=b"/ HTTP/1.1\r\nx: y"),
        with_(path=b"http://a/"),
        with_(authority=None),
        with_(authority=b""),
        with_(authority=b"a@b/c"),
        with_(authority=b"a b"),
        with_(protocol=b"websocket"),
        [*GET, (b":method", b"GET")],
        [*GET, (b":unknown", b"x")],
        [(b"x", b"y"), *GET],
        [*GET, (b"host", b"b")],
        [*GET, (b"host", b"a"), (b"host", b"a")],
        [*GET, (b"X-A", b"1")],
        [*GET, (b"", b"1")],
        [*GET, (b"a b", b"1")],
        [*GET, (b"a:b", b"1")],
        [*GET, (b"a\r\nb", b"1")],
        [*GET, (b"a", b"1\r\nb: 2")],
        [*GET, (b"a", b"1\nb: 2")],
        [*GET, (b"a", b"\x00")],
        [*GET, (b"a", b"\x01")],
        [*GET, (b"connection", b"close")],
        [*GET, (b"keep-alive", b"1")],
        [*GET, (b"proxy-connection", b"close")],
        [*GET, (b"transfer-encoding", b"chunked")],
        [*GET, (b"upgrade", b"h2c")],
        [*GET, (b"te", b"gzip")],
        [*GET, (b"content-length", b"1"), (b"content-length", b"1")],
        [*GET, (b"content-length", b"+1")],
        [*GET, (b"cookie", b"a=b\r\nx: y")],
    ],
)
def test_what_is_no_request_is_400(fields):
    with pytest.raises(ProtocolError) as caught:
        parse_block(fields)
    assert caught.value.status == 400


def test_te_trailers_is_allowed_and_goes_no_further():
    assert parse_block([*GET, (b"te", b"trailers")]).fields.get(b"te") is None


def test_connect_is_refused_but_for_websockets():
    with pytest.raises(ProtocolError) as caught:
        parse_block([(b":method", b"CONNECT"), (b":authority", b"a:1")])
    assert caught.value.status == 405
    head = parse_block(with_(method=b"CONNECT", protocol=b"websocket"))
    assert head.method == b"GET"
    assert head.upgrade
    assert head.fields.get(b"upgrade") == b"websocket"
    assert len(head.fields.get(b"sec-websocket-key")) == 24


def test_a_key_of_the_clients_own_is_the_only_one():
    fields = with_(method=b"CONNECT", protocol=b"websocket")
    head = parse_block([*fields, (b"sec-websocket-key", b"mine")])
    assert head.raw.count(b"sec-websocket-key") == 1
    assert head.fields.get(b"sec-websocket-key") == b"mine"


def test_crumbs_may_be_empty():
    head = parse_block([*GET, (b"cookie", b""), (b"cookie", b"a")])
    assert head.raw.endswith(b"cookie: ; a\r\n\r\n")


def test_as_many_fields_as_max_headers_allows_and_host_is_none_of_them():
    limits = HeadLimits(fields=2)
    parse_block([*GET, (b"a", b"1"), (b"b", b"2")], limits)
    with pytest.raises(ProtocolError) as caught:
        parse_block([*GET, (b"a", b"1"), (b"b", b"2"), (b"c", b"3")], limits)
    assert caught.value.status == 494


def test_odd_names_are_dropped_as_in_http1():
    assert parse_block([*GET, (b"x_a", b"1")]).fields.get(b"x_a") is None
    lenient = HeadLimits(underscores=True)
    assert parse_block([*GET, (b"x_a", b"1")], lenient).fields.get(b"x_a") == b"1"
