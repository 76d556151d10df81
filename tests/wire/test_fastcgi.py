"""FastCGI's records, as the specification draws them."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.errors import ProtocolError
from forkproxy.wire.fastcgi import Records, request


def record(kind, content=b"", padding=0, *, request=1, version=1):
    head = struct.pack(">BBHHBB", version, kind, request, len(content), padding, 0)
    return head + content + b"\xff" * padding


STDOUT, STDERR = 6, 7
END = record(3, bytes(8))
ANSWER = record(STDOUT, b"Status: 200\r\n\r\n", 7) + record(STDERR, b"oops") + record(STDOUT) + END
PIECES = [("stdout", b"Status: 200\r\n\r\n"), ("stderr", b"oops"), ("end", b"")]


def joined(pieces):
    """Put neighbours of one kind together."""
    made = []
    for kind, octets in pieces:
        if made and made[-1][0] == kind:
            made[-1] = (kind, made[-1][1] + octets)
        else:
            made.append((kind, octets))
    return made


def sent(octets):
    """Return (kind, content) of each record of a request."""
    found = []
    while octets:
        version, kind, number, length, padding, _ = struct.unpack(">BBHHBB", octets[:8])
        assert (version, number, padding) == (1, 1, 0)
        found.append((kind, octets[8 : 8 + length]))
        octets = octets[8 + length :]
    return found


def test_an_answer_is_read_at_once():
    records = Records()
    assert records.feed(ANSWER) == PIECES
    assert records.over


def test_an_answer_is_read_octet_by_octet():
    records = Records()
    pieces = [piece for octet in ANSWER for piece in records.feed(bytes([octet]))]
    assert joined(pieces) == PIECES


def test_what_follows_the_end_is_left_alone():
    assert Records().feed(ANSWER + b"HTTP/1.1") == PIECES


def test_an_end_is_complete_with_its_padding_only():
    records = Records()
    assert records.feed(record(3, bytes(8), 3)[:-1]) == []
    assert records.feed(b"\xff") == [("end", b"")]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (record(STDOUT, version=2), "unsupported FastCGI protocol version: 2"),
        (record(4), "invalid FastCGI record type: 4"),
        (record(STDOUT, request=2), "unexpected FastCGI request id: 2"),
        (b"HTTP/1.1 200 OK", "unsupported FastCGI protocol version: 72"),
    ],
)
def test_what_is_no_record_is_refused(octets, reason):
    with pytest.raises(ProtocolError, match=reason):
        Records().feed(octets)


def test_a_request_is_begin_params_and_stdin():
    assert sent(request([(b"A", b"1")], b"body")) == [
        (1, b"\0\1\0\0\0\0\0\0"),
        (4, b"\1\1A1"),
        (4, b""),
        (5, b"body"),
        (5, b""),
    ]


def test_a_request_may_ask_to_keep_the_connection():
    assert sent(request([], keep=True))[0] == (1, b"\0\1\1\0\0\0\0\0")


def test_a_long_value_has_a_length_of_four_octets():
    _, (_, params), *_ = sent(request([(b"A", b"x" * 128)]))
    assert params == b"\1\x80\0\0\x80A" + b"x" * 128


@given(st.binary(max_size=200_000))
def test_content_of_any_length_arrives(content):
    stdin = [octets for kind, octets in sent(request([], content)) if kind == 5]
    assert b"".join(stdin) == content
    assert stdin.index(b"") == len(stdin) - 1


@given(
    st.lists(
        st.tuples(st.sampled_from((STDOUT, STDERR)), st.binary(min_size=1), st.integers(0, 9))
    ),
    st.integers(1, 40),
)
def test_records_are_read_in_whatever_pieces_they_come(given_records, step):
    octets = b"".join(record(*one) for one in given_records) + END
    names = {STDOUT: "stdout", STDERR: "stderr"}
    records = Records()
    pieces = []
    for at in range(0, len(octets), step):
        pieces += records.feed(octets[at : at + step])
    expected = [(names[kind], content) for kind, content, _ in given_records]
    assert joined(pieces) == joined([*expected, ("end", b"")])
