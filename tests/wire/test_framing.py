"""How long a body is, and whether the connection stays (RFC 9112 §6.3, §9.3)."""

import pytest

from forkproxy.errors import ProtocolError
from forkproxy.wire.head import parse_request_head, parse_response_head
from forkproxy.wire.head_limits import Framing, HeadLimits


def request(*fields, version=b"1.1"):
    lines = [b"POST / HTTP/" + version, b"Host: h", *fields]
    return parse_request_head(b"\r\n".join(lines) + b"\r\n\r\n")


def response(*fields, status=b"200", version=b"1.1", method=b"GET"):
    lines = [b"HTTP/%s %s X" % (version, status), *fields]
    return parse_response_head(b"\r\n".join(lines) + b"\r\n\r\n", method)


def refused(read, *fields, **how):
    with pytest.raises(ProtocolError) as caught:
        read(*fields, **how)
    return caught.value.status


BOTH = pytest.mark.parametrize("read", [request, response])
CHUNKED = b"Transfer-Encoding: chunked"
LENGTH = b"Content-Length: 5"


# Length.


@BOTH
@pytest.mark.parametrize("digits", [b"0", b"5", b"0005", b"9223372036854775807", b"0" * 30 + b"1"])
def test_a_length_is_digits(read, digits):
    assert read(b"Content-Length: " + digits).content_length == int(digits)


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"+5", b"-5", b"5.0", b"5, 5", b"5 5", b"0x5", b"1_0", b"5,", b'"5"', b"\xb2"),
        *(b"9223372036854775808", b"18446744073709551621", b"9" * 400),
    ],
)
def test_anything_else_is_refused(read, text):
    assert refused(read, b"Content-Length: " + text) == 400


@BOTH
def test_one_length_is_enough(read):
    assert refused(read, LENGTH, LENGTH) == 400
    assert refused(read, LENGTH, b"content-length: 6") == 400


@BOTH
def test_no_length_is_minus_one(read):
    assert read().content_length == -1


# Chunked.


@BOTH
@pytest.mark.parametrize("coding", [b"chunked", b"Chunked", b"CHUNKED", b" chunked \t"])
def test_the_coding_is_chunked_in_any_case(read, coding):
    found = read(b"Transfer-Encoding:" + coding)
    assert (found.chunked, found.content_length) == (True, -1)


@BOTH
@pytest.mark.parametrize("first", [CHUNKED, LENGTH])
def test_two_framings_are_refused(read, first):
    assert refused(read, *sorted([CHUNKED, LENGTH], key=lambda line: line != first)) == 400


@BOTH
def test_two_codings_are_refused(read):
    assert refused(read, CHUNKED, CHUNKED) == 400


@BOTH
def test_a_coding_in_http_1_0_is_refused(read):
    assert refused(read, CHUNKED, version=b"1.0") == 400


@pytest.mark.parametrize(
    "coding",
    [
        *(b"gzip", b"x-gzip", b"xchunked", b"chunkedd", b"deflate", b"", b"identity"),
        *(b"chunked, chunked", b"gzip, chunked", b"chunked,", b",chunked", b"chunked;a"),
        *(b'"chunked"', b"chun ked", b"chunk\xc3\xa9d", b"chunked\xa0"),
    ],
)
def test_another_coding_is_not_implemented(coding):
    assert refused(request, b"Transfer-Encoding: " + coding) == 501
    assert refused(response, b"Transfer-Encoding: " + coding) == 502


# Content that is not there.


@pytest.mark.parametrize("status", [b"100", b"101", b"103", b"204", b"304"])
@pytest.mark.parametrize("line", [LENGTH, CHUNKED])
def test_some_statuses_have_no_content(status, line):
    found = response(line, status=status)
    assert found.no_content
    assert not found.chunked
    assert found.keep_alive


@pytest.mark.parametrize("line", [LENGTH, CHUNKED, b"X: y"])
def test_an_answer_to_head_has_no_content(line):
    found = response(line, method=b"HEAD")
    assert found.no_content
    assert found.keep_alive


def test_an_answer_to_head_still_tells_the_length():
    assert response(LENGTH, method=b"HEAD").content_length == 5


def test_other_answers_have_content():
    assert not response(LENGTH).no_content
    assert not response(LENGTH, status=b"205").no_content


# The connection.


@BOTH
@pytest.mark.parametrize(
    ("version", "lines", "stays"),
    [
        (b"1.1", [], True),
        (b"1.1", [b"close"], False),
        (b"1.1", [b"Close"], False),
        (b"1.1", [b"keep-alive"], True),
        (b"1.1", [b"keep-alive, close"], False),
        (b"1.1", [b"close", b"keep-alive"], False),
        (b"1.1", [b"x-close"], True),
        (b"1.1", [b"x, ,\tclose ,"], False),
        (b"1.1", [b""], True),
        (b"1.0", [], False),
        (b"1.0", [b"keep-alive"], True),
        (b"1.0", [b"Keep-Alive"], True),
        (b"1.0", [b"foo", b"keep-alive"], True),
        (b"1.0", [b"keep-alive,close"], False),
        (b"1.0", [b"close"], False),
    ],
)
def test_the_connection_stays_as_version_and_connection_say(read, version, lines, stays):
    fields = [b"Connection: " + line for line in lines]
    assert read(LENGTH, *fields, version=version).keep_alive == stays


def test_content_without_a_length_ends_with_the_connection():
    assert not response().keep_alive
    assert not response(b"Connection: keep-alive").keep_alive
    assert response(CHUNKED).keep_alive


@BOTH
@pytest.mark.parametrize(
    ("value", "names"),
    [
        (b"close", False),
        (b"keep-alive, Upgrade", False),
        (b"", False),
        (b" , ", False),
        (b"close, X-A", True),
        (b"te", True),
        (b"closed", True),
    ],
)
def test_connection_may_name_other_fields(read, value, names):
    assert read(b"Connection: " + value).connection_names == names


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ([b"Connection: Upgrade", b"Upgrade: websocket"], True),
        ([b"Connection: keep-alive, upgrade", b"Upgrade: websocket"], True),
        ([b"Connection: upgrade"], False),
        ([b"Upgrade: websocket"], False),
    ],
)
def test_an_upgrade_is_asked_for_by_two_fields(fields, wanted):
    assert request(*fields).upgrade == wanted


def test_http_1_0_asks_for_no_upgrade():
    assert not request(b"Connection: upgrade", b"Upgrade: websocket", version=b"1.0").upgrade


@pytest.mark.parametrize(
    ("line", "version", "expects"),
    [
        (b"Expect: 100-continue", b"1.1", True),
        (b"Expect: 100-Continue", b"1.1", True),
        (b"Expect: 100-continue", b"1.0", False),
        (b"Expect: something", b"1.1", False),
        (b"X: y", b"1.1", False),
    ],
)
def test_a_100_is_expected_by_http_1_1_alone(line, version, expects):
    assert request(line, version=version).expect_continue == expects


def framed(mode, *fields, method=b"POST", target=b"/", before=b"", end=b"\r\n"):
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: h", *fields]
    return parse_request_head(before + end.join(lines) + end + end, HeadLimits(framing=mode))


def test_monitored_a_length_beside_chunks_counts_for_nothing():
    head = framed(Framing.MONITOR, LENGTH, CHUNKED)
    assert (head.chunked, head.content_length) == (True, -1)
    assert not head.fields.has(b"content-length")
    assert not head.keep_alive
    assert head.doubt == "Content-Length and Transfer-Encoding together"


def test_monitored_the_same_length_twice_counts_once():
    head = framed(Framing.MONITOR, LENGTH, LENGTH)
    assert head.content_length == 5
    assert head.fields.all(b"content-length") == [b"5"]
    assert head.doubt == "more than one Content-Length"


@pytest.mark.parametrize(
    "fields",
    [
        (LENGTH, b"Content-Length: 6"),
        (b"Content-Length: x", b"Content-Length: x"),
        (b"Content-Length: +5",),
        (CHUNKED, CHUNKED),
        (CHUNKED, b"Transfer-Encoding: identity"),
    ],
)
def test_monitored_what_cannot_be_repaired_is_refused(fields):
    with pytest.raises(ProtocolError):
        framed(Framing.MONITOR, *fields)


def test_what_is_plain_is_no_doubt():
    for mode in Framing:
        head = framed(mode, LENGTH)
        assert (head.content_length, head.doubt, head.keep_alive) == (5, None, True)


@pytest.mark.parametrize(
    "how",
    [
        {"before": b"\r\n"},
        {"end": b"\n"},
        {"target": b"http://other/"},
        {"target": b"/\xe9"},
        {"method": b"GET"},
        {"method": b"HEAD"},
    ],
)
def test_strictest_refuses_what_is_unusual(how):
    assert framed(Framing.DEFENSIVE, LENGTH, **how)
    with pytest.raises(ProtocolError):
        framed(Framing.STRICTEST, LENGTH, **how)
