"""A stream reads and writes one socket as if each call blocked, within its deadlines."""

import contextlib
import errno
import os
import select
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.errors import Gone
from forkproxy.net.poller import poller_object
from forkproxy.net.stream import Stream
from tests.support.hub import begin, in_hub
from tests.support.sockets import reset


@contextlib.contextmanager
def pair(tcp=False):
    """A stream, and the plain socket at its other end."""
    if tcp:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            other = socket.create_connection(listener.getsockname())
            ours, _ = listener.accept()
    else:
        ours, other = socket.socketpair()
    ours.setblocking(False)
    other.settimeout(5.0)
    stream = in_hub(Stream, ours.detach())
    try:
        yield stream, other
    finally:
        in_hub(stream.close)
        other.close()


def received(other, count):
    """So many octets, as they come."""
    came = b""
    while len(came) < count and (piece := other.recv(count - len(came))):
        came += piece
    return came


def fill(stream):
    """Send behind the stream's back until the kernel takes no more; return how many it took."""
    took = 0
    with (
        socket.socket(fileno=os.dup(stream.fileno())) as ours,
        contextlib.suppress(BlockingIOError),
    ):
        ours.setblocking(False)
        while True:
            took += ours.send(bytes(4096))
    return took


def test_what_was_sent_before_is_read_without_waiting():
    with pair() as (stream, other):
        other.send(b"early")
        assert in_hub(stream.recv) == b"early"


def test_a_read_waits_for_what_comes():
    with pair() as (stream, other):
        finish = begin(stream.recv)
        other.send(b"late")
        assert finish() == b"late"


def test_the_end_of_the_other_side_is_read_as_nothing():
    with pair() as (stream, other):
        other.shutdown(socket.SHUT_WR)
        assert in_hub(stream.recv) == b""


def test_octets_before_the_end_are_read_first():
    with pair() as (stream, other):
        other.send(b"last words")
        other.close()
        assert in_hub(stream.recv) == b"last words"
        assert in_hub(stream.recv) == b""


def test_a_read_returns_no_more_than_was_asked_for():
    with pair() as (stream, other):
        other.send(b"abcdef")
        assert in_hub(stream.recv, 4) == b"abcd"
        assert in_hub(stream.recv, 4) == b"ef"


def test_a_reset_is_an_error_of_the_kernel():
    with pair(tcp=True) as (stream, other):
        finish = begin(stream.recv)
        reset(other)
        with pytest.raises(OSError) as failed:
            finish()
        assert failed.value.errno == errno.ECONNRESET


def test_what_is_sent_arrives():
    with pair() as (stream, other):
        in_hub(stream.send, b"hello")
        assert other.recv(10) == b"hello"


def test_sending_nothing_is_nothing():
    with pair() as (stream, _):
        in_hub(stream.send, b"")
        assert stream.sent == 0


def test_a_large_send_waits_until_the_other_side_has_read():
    octets = bytes(range(256)) * 8192
    with pair() as (stream, other):
        finish = begin(stream.send, octets)
        came = bytearray()
        while len(came) < len(octets):
            came += other.recv(65536)
        finish()
        assert came == octets


def test_what_is_posted_arrives_when_the_turn_ends():
    came = []

    def post_and_look(stream, other):
        stream.send_soon(b"one ")
        stream.send_soon(b"two")
        assert not select.select([other], [], [], 0)[0]
        came.append(stream.sent)

    with pair() as (stream, other):
        in_hub(post_and_look, stream, other)
        assert other.recv(10) == b"one two"
    assert came == [7]


def test_what_is_sent_comes_after_what_was_posted():
    def post_and_send(stream):
        stream.send_soon(b"first, ")
        stream.send(b"second")

    with pair() as (stream, other):
        in_hub(post_and_send, stream)
        assert received(other, 13) == b"first, second"
        assert stream.sent == 13


@pytest.mark.parametrize("end", [Stream.shut, Stream.close])
def test_what_is_posted_goes_before_the_end(end):
    def post_and_end(stream):
        stream.send_soon(b"posted")
        end(stream)

    with pair() as (stream, other):
        in_hub(post_and_end, stream)
        assert received(other, 6) == b"posted"
        assert other.recv(1) == b""


def test_who_posts_to_one_that_does_not_listen_waits_and_nothing_is_lost_or_out_of_order():
    def post_all(stream):
        for piece in pieces:
            stream.send_soon(piece)

    pieces = [bytes([index]) * (1 + index * 60) for index in range(256)]
    with pair() as (stream, other):
        finish = begin(post_all, stream)
        assert received(other, sum(map(len, pieces))) == b"".join(pieces)
        finish()


def test_what_had_no_room_when_the_turn_ended_follows_when_there_is_some():
    def fill_and_post(stream):
        filled = fill(stream)
        stream.send_soon(b"behind")
        return filled

    with pair() as (stream, other):
        filled = in_hub(fill_and_post, stream)
        assert received(other, filled + 6).endswith(b"\0behind")


def test_a_post_that_fails_is_an_error_for_who_waits_for_an_answer():
    def post_and_read(stream):
        stream.send_soon(b"x")
        return stream.recv()

    with pair() as (stream, other):
        other.shutdown(socket.SHUT_RD)
        with pytest.raises(OSError) as failed:
            in_hub(post_and_read, stream)
        assert failed.value.errno == errno.EPIPE


def test_an_answer_is_read_although_the_question_could_not_be_sent():
    def post_and_read(stream):
        stream.send_soon(b"x")
        return stream.recv()

    with pair() as (stream, other):
        other.send(b"go away")
        other.close()
        assert in_hub(post_and_read, stream) == b"go away"


def test_octets_are_counted_in_both_directions():
    with pair() as (stream, other):
        in_hub(stream.send, b"four")
        other.send(b"sixsix")
        in_hub(stream.recv)
        assert (stream.sent, stream.received) == (4, 6)


def test_sending_to_who_has_left_is_an_error_of_the_kernel():
    def send_twice(stream):
        for _ in range(2):  # the first may still be taken
            stream.send(b"x")

    with pair() as (stream, other):
        other.close()
        with pytest.raises(OSError) as failed:
            in_hub(send_twice, stream)
        assert failed.value.errno == errno.EPIPE


def test_a_shut_stream_has_said_its_last_and_still_hears():
    with pair() as (stream, other):
        in_hub(stream.shut)
        assert other.recv(10) == b""
        other.send(b"answer")
        assert in_hub(stream.recv) == b"answer"


def test_a_read_that_takes_too_long_is_a_timeout():
    with pair() as (stream, _):
        stream.read_limit = 0.05
        with pytest.raises(TimeoutError):
            in_hub(stream.recv)


def test_each_wait_has_the_whole_limit():
    with pair() as (stream, other):
        stream.read_limit = 5.0
        other.send(b"x")
        in_hub(stream.recv)
        finish = begin(stream.recv)
        other.send(b"y")
        assert finish() == b"y"


def test_a_deadline_ends_a_read_without_a_limit():
    def read_by():
        stream.read_by = poller_object.now + 0.05
        return stream.recv()

    with pair() as (stream, _), pytest.raises(TimeoutError):
        in_hub(read_by)


def test_a_send_that_takes_too_long_is_a_timeout():
    with pair() as (stream, _):
        stream.write_limit = 0.05
        with pytest.raises(TimeoutError):
            in_hub(stream.send, bytes(8 * 1024 * 1024))


def test_a_stream_is_good_after_a_timeout():
    with pair() as (stream, other):
        stream.read_limit = 0.05
        with pytest.raises(TimeoutError):
            in_hub(stream.recv)
        other.send(b"after all")
        assert in_hub(stream.recv) == b"after all"


def test_who_waits_on_an_abandoned_stream_stops():
    with pair() as (stream, _):
        finish = begin(stream.recv)
        in_hub(stream.abandon)
        with pytest.raises(Gone):
            finish()


def test_a_wait_on_a_stream_abandoned_before_does_not_begin():
    with pair() as (stream, other):
        other.send(b"x")
        in_hub(stream.recv)
        in_hub(stream.abandon)
        with pytest.raises(Gone):
            in_hub(stream.recv)


def test_who_waits_on_a_closed_stream_stops():
    with pair() as (stream, _):
        finish = begin(stream.recv)
        in_hub(stream.close)
        with pytest.raises(OSError):
            finish()


def test_closing_twice_is_as_closing_once():
    with pair() as (stream, other):
        in_hub(stream.close)
        in_hub(stream.close)
        assert stream.fileno() == -1
        assert other.recv(10) == b""


def test_one_may_read_while_another_writes():
    octets = bytes(4 * 1024 * 1024)
    with pair() as (stream, other):
        reading = begin(stream.recv)
        writing = begin(stream.send, octets)
        other.send(b"both")
        assert reading() == b"both"
        left = len(octets)
        while left:
            left -= len(other.recv(65536))
        writing()


def test_a_descriptor_that_is_none_is_refused():
    with pytest.raises(OSError):
        in_hub(Stream, 999_999)


@given(st.lists(st.binary(min_size=1, max_size=4096), max_size=8))
def test_octets_come_out_as_they_went_in_however_they_are_cut(pieces):
    with pair() as (stream, other):
        for piece in pieces:
            other.send(piece)
        other.shutdown(socket.SHUT_WR)
        came = b""
        while piece := in_hub(stream.recv, 1000):
            came += piece
        assert came == b"".join(pieces)
