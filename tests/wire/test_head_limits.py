"""How large a head may be, and where it ends."""

import pytest

from forkproxy.errors import ProtocolError
from forkproxy.wire.head import parse_request_head
from forkproxy.wire.head_limits import HeadLimits, request_length, response_length
from tests.support.requests import read_request, refusal, request
from tests.support.threeways import outcome, three_ways


def test_the_length_of_a_head_ends_with_its_empty_line():
    octets = request()
    assert request_length(octets + b"body")[0] == len(octets)


def test_a_head_is_found_from_where_the_last_look_ended():
    octets = request(b"GET / HTTP/1.1", b"X-A: one", b"X-B: two")
    scanned = 0
    for end in range(len(octets)):
        length, scanned = request_length(octets[:end], scanned)
        assert length == 0
        assert scanned <= end
    assert request_length(octets, scanned) == (len(octets), scanned)


@pytest.mark.parametrize("octets", [b"\x16", b"\x16\x03\x01", b"{", b" ", b"\r\n\0", b"\n\0"])
def test_an_octet_that_begins_no_method_is_refused_without_a_line_end(octets):
    with pytest.raises(ProtocolError):
        request_length(octets)


@pytest.mark.parametrize("octets", [b"", b"\r", b"\r\n", b"\r\n\r", b"G", b"GET / HTTP/1.1\r\n"])
def test_an_incomplete_head_waits(octets):
    assert request_length(octets)[0] == 0


SMALL = HeadLimits(line=64, total=256, fields=4)


def test_a_request_line_of_the_limit_passes_and_one_octet_more_is_414():
    line = b"GET /%s HTTP/1.1"
    fits = line % (b"a" * (64 - len(line) + 2))
    longer = line % (b"a" * (65 - len(line) + 2))
    assert parse_request_head(request(fits), SMALL).target
    assert refusal(request(longer), SMALL) == 414


def test_a_field_line_of_the_limit_passes_and_one_octet_more_is_494():
    assert parse_request_head(request(b"GET / HTTP/1.1", b"X: " + b"a" * 61), SMALL)
    assert refusal(request(b"GET / HTTP/1.1", b"X: " + b"a" * 62), SMALL) == 494


def test_the_limits_hold_while_the_line_has_no_end():
    assert outcome(lambda pieces: request_length(next(pieces), 0, SMALL), [b"GET /" * 13]) == 414
    begun = b"GET / HTTP/1.1\r\nX: " + b"a" * 62
    assert outcome(lambda pieces: request_length(next(pieces), 0, SMALL), [begun]) == 494


@pytest.mark.parametrize("field", [b"X: " + b"a" * 61, b"X: " + b"a" * 62])
def test_the_limits_are_the_same_however_the_octets_come(field):
    octets = request(b"GET / HTTP/1.1", field)
    verdict = three_ways(lambda pieces: read_request(pieces, SMALL), octets)
    assert (verdict == 494) == (len(field) > 64)


def test_a_head_larger_in_all_than_the_limit_is_494():
    fields = [b"X: " + b"a" * 60] * 4
    assert refusal(request(b"GET / HTTP/1.1", *fields), HeadLimits(line=64, total=256)) == 494


def test_one_field_more_than_the_limit_is_494():
    assert len(parse_request_head(request(b"GET / HTTP/1.1", *[b"X: 1"] * 3), SMALL).fields) == 4
    assert refusal(request(b"GET / HTTP/1.1", *[b"X: 1"] * 4), SMALL) == 494


def test_a_field_line_of_a_mebibyte_is_494():
    assert refusal(request(b"GET / HTTP/1.1", b"X: " + b"a" * (1 << 20))) == 494


def test_a_response_head_above_the_limit_is_refused_while_it_comes():
    with pytest.raises(ProtocolError) as caught:
        response_length(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100, 0, 64)
    assert caught.value.status == 502
    with pytest.raises(ProtocolError):
        response_length(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100 + b"\r\n\r\n", 0, 64)
