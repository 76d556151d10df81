"""A TlsStream is read and written as any stream; OpenSSL's other half is Python's ssl."""

import contextlib
import socket
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkproxy.errors import Gone
from tests.support.eventually import eventually
from tests.support.hub import begin, in_hub
from tests.support.tls_pair import pair, sockets


def test_octets_go_both_ways():
    with pair() as (stream, other):
        other.send(b"question")
        assert in_hub(stream.recv) == b"question"
        in_hub(stream.send, b"answer")
        assert other.recv(100) == b"answer"
        assert (stream.received, stream.sent) == (8, 6)


def test_a_read_waits_for_what_comes():
    with pair() as (stream, other):
        finish = begin(stream.recv)
        other.send(b"late")
        assert finish() == b"late"


def test_what_was_decrypted_and_not_read_is_there_at_once():
    with pair() as (stream, other):
        other.send(b"abcdef")
        assert in_hub(stream.recv, 4) == b"abcd"
        assert stream.readable
        assert in_hub(stream.recv, 4) == b"ef"
        assert not stream.readable


def test_the_end_of_the_other_side_is_read_as_nothing():
    with pair() as (stream, other):
        other.send(b"last words")
        other.setblocking(False)
        with contextlib.suppress(ssl.SSLError, OSError):
            other.unwrap()
        assert in_hub(stream.recv) == b"last words"
        assert in_hub(stream.recv) == b""


def test_an_end_without_close_notify_is_one_too():
    with pair() as (stream, other), socket.socket(fileno=other.detach()) as bare:
        bare.shutdown(socket.SHUT_WR)
        assert in_hub(stream.recv) == b""


def test_our_end_says_goodbye():
    with pair() as (stream, other):
        in_hub(stream.close)
        assert other.recv(10) == b""  # Python raises where close_notify is missing


def test_our_direction_ends_and_the_other_goes_on():
    with pair() as (stream, other):
        in_hub(stream.shut)
        assert other.recv(10) == b""
        other.send(b"still here")
        assert in_hub(stream.recv) == b"still here"


def test_more_than_the_kernel_takes_is_sent_as_there_is_room():
    octets = bytes(range(256)) * 20_000
    with pair() as (stream, other):
        finish = begin(stream.send, octets)
        got = bytearray()
        while len(got) < len(octets):
            got += other.recv(1 << 16)
        finish()
        assert got == octets
        assert stream.sent == len(octets)


def test_who_waits_for_room_is_told_when_time_is_over():
    with pair() as (stream, _):
        stream.write_limit = 0.1
        with pytest.raises(TimeoutError):
            in_hub(stream.send, b"x" * 5_000_000)


def test_who_waits_to_read_is_told_when_time_is_over():
    with pair() as (stream, _):
        stream.read_limit = 0.1
        with pytest.raises(TimeoutError):
            in_hub(stream.recv)


def test_who_waits_stops_when_nobody_wants_the_outcome():
    with pair() as (stream, _):
        finish = begin(stream.recv)
        in_hub(stream.abandon)
        with pytest.raises(Gone):
            finish()


def test_large_records_are_read_by_small_reads():
    octets = bytes(range(256)) * 64
    with pair() as (stream, other):
        other.send(octets)
        got = b""
        while len(got) < len(octets):
            got += in_hub(stream.recv, 1000)
        assert got == octets


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 70_000), min_size=1, max_size=6))
def test_sizes_of_writes_do_not_matter(sizes):
    octets = [bytes([index % 256]) * size for index, size in enumerate(sizes)]
    with pair() as (stream, other):
        finish = begin(lambda: [stream.send(piece) for piece in octets])
        got = bytearray()
        while len(got) < sum(sizes):
            got += other.recv(1 << 16)
        finish()
        assert got == b"".join(octets)


def test_before_tls_it_is_plain():
    stream, other = sockets()
    other.send(b"plain")
    assert in_hub(stream.recv) == b"plain"
    in_hub(stream.send, b"too")
    assert other.recv(10) == b"too"
    in_hub(stream.close)


def test_who_closes_early_leaves_nothing_waiting():
    with pair() as (stream, _):
        finish = begin(stream.recv)
        eventually(lambda: not stream.readable, what="the reader waits")
        in_hub(stream.close)
        with pytest.raises(OSError, match="closed"):
            finish()
