"""PROXY headers of both versions are read strictly, and never taken for anything else."""

import struct

import pytest

from forkproxy.errors import ProtocolError
from forkproxy.wire.proxy_line import MOST, parse, write_line, write_record

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LINES = [
    (b"PROXY TCP4 192.0.2.1 192.0.2.2 1234 443\r\n", (b"192.0.2.1", 1234, b"192.0.2.2", 443)),
    (b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n", (b"2001:db8::1", 1, b"2001:db8::2", 65535)),
    (b"PROXY UNKNOWN\r\n", (None, 0, None, 0)),
    (b"PROXY UNKNOWN ffff::1 whatever\r\n", (None, 0, None, 0)),
]


def record(family, body, command=0x21):
    return SIGNATURE + struct.pack("!BBH", command, family, len(body)) + body


FOUR = bytes((192, 0, 2, 1, 192, 0, 2, 2)) + struct.pack("!HH", 1234, 443)
RECORDS = [
    (record(0x11, FOUR), (b"192.0.2.1", 1234, b"192.0.2.2", 443)),
    (
        record(0x21, b"\x20" * 16 + b"\0" * 15 + b"\1" + struct.pack("!HH", 5, 6)),
        (b"2020:2020:2020:2020:2020:2020:2020:2020", 5, b"::1", 6),
    ),
    (
        record(0x31, b"/run/a".ljust(108, b"\0") + b"/run/b".ljust(108, b"\0")),
        (b"unix:/run/a", 0, b"unix:/run/b", 0),
    ),
    (record(0x00, b"", command=0x20), (None, 0, None, 0)),
    (record(0x11, FOUR, command=0x20), (None, 0, None, 0)),
    (record(0x12, FOUR), (None, 0, None, 0)),
]


@pytest.mark.parametrize(("octets", "means"), LINES + RECORDS)
def test_a_header_is_read_at_once_in_pieces_and_with_more_behind_it(octets, means):
    for end in range(len(octets)):
        assert parse(octets[:end]) == (None, 0)
    for more in (b"", b"GET / HTTP/1.1\r\n"):
        line, length = parse(octets + more)
        assert length == len(octets)
        assert (line.address, line.port, line.server_address, line.server_port) == means


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01",
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n",
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n",
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n",
        b"PROXY TCP4 1.2.3.4 5.6.7.8 1 -2\r\n",
        b"PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n",
        b"PROXY TCP4 ::1 ::1 1 2\r\n",
        b"PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n",
        b"PROXY TCP4  1.2.3.4 5.6.7.8 1 2\r\n",
        b"PROXY UNKNOWN " + b"x" * 100,
        record(0x11, FOUR[:8]),
        record(0x11, FOUR, command=0x11),
        SIGNATURE + struct.pack("!BBH", 0x21, 0x11, MOST),
    ],
)
def test_what_is_no_header_is_an_error(octets):
    with pytest.raises(ProtocolError):
        parse(octets)


def test_an_address_is_shown_in_its_usual_form():
    line, _ = parse(b"PROXY TCP6 2001:Db8:0::1 ::0:1 1 2\r\n")
    assert (line.address, line.server_address) == (b"2001:db8::1", b"::1")


def test_additions_are_found_by_name_and_number():
    inner = b"\x01\0\0\0\xff" + b"\x21\0\x07TLSv1.2" + b"\x22\0\x02cn"
    tlvs = b"\x01\0\x02h2" + b"\x20" + struct.pack("!H", len(inner)) + inner + b"\xea\0\x01x"
    line, _ = parse(record(0x11, FOUR + tlvs))
    names = ("alpn", "0x01", "0x0001", "0xea", "ssl", "ssl_verify", "ssl_version", "ssl_0x22")
    found = [line.tlv(name) for name in names]
    assert found == [b"h2", b"h2", b"h2", b"x", inner, b"255", b"TLSv1.2", b"cn"]
    for name in ("authority", "0xzz", "nonsense", "ssl_cipher"):
        assert line.tlv(name) is None


def test_additions_that_are_cut_short_are_none():
    line, _ = parse(record(0x11, FOUR + b"\x01\0\x09h2"))
    assert line.tlv("alpn") is None


@pytest.mark.parametrize("write", [write_line, write_record])
@pytest.mark.parametrize(
    "connection", [(b"1.2.3.4", 5, b"6.7.8.9", 10), (b"::1", 5, b"2001:db8::1", 10)]
)
def test_what_is_written_is_read(write, connection):
    line, _ = parse(write(*connection))
    assert (line.address, line.port, line.server_address, line.server_port) == connection


@pytest.mark.parametrize("write", [write_line, write_record])
def test_addresses_of_two_kinds_are_not_said(write):
    for connection in [(b"::1", 5, b"6.7.8.9", 10), (b"unix:", 0, b"6.7.8.9", 10)]:
        assert parse(write(*connection))[0].address is None


def test_additions_are_written():
    octets = write_record(b"1.2.3.4", 5, b"6.7.8.9", 10, b"\x02\0\x04name")
    assert parse(octets)[0].tlv("authority") == b"name"
