"""What a session hears: heads, content and trailers in any pieces, and what breaks the rules."""

import h2.connection
import h2.events
import pytest

from forkproxy.wire.h2 import Session
from forkproxy.wire.head_limits import HeadLimits
from tests.support.h2_pair import BLOCK, CALM, HEAD, Pair, ask, ended_with, frame, of


def test_a_request_is_a_head_as_http1_would_have_it():
    made = Pair().ask()
    assert made.head.raw == b"GET /x?y HTTP/2.0\r\nhost: a\r\n\r\n"
    assert (made.head.path, made.head.query, made.head.major) == (b"/x", b"y", 2)
    assert made.ended


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_octets_may_come_in_any_pieces(size):
    client = h2.connection.H2Connection()
    client.initiate_connection()
    client.send_headers(1, HEAD)
    client.send_data(1, b"content", end_stream=True)
    octets = client.data_to_send()
    session = Session(HeadLimits())
    for at in range(0, len(octets), size):
        session.receive(octets[at : at + size])
    made = session.streams[1]
    assert made.head.path == b"/x"
    assert session.read(made) == b"content"
    assert made.ended


def test_a_window_opens_only_as_content_is_read():
    pair = Pair()
    made = pair.ask(end=False)
    pair.client.send_data(1, b"x" * 16384)
    pair.client.send_data(1, b"x" * 16384)
    assert not of(h2.events.WindowUpdated, pair.heard())
    assert len(pair.session.read(made)) == 32768
    assert of(h2.events.WindowUpdated, pair.heard())


@pytest.mark.parametrize(("said", "sent"), [("3", b"four"), ("5", b"four")])
def test_content_of_another_length_than_said_is_malformed(said, sent):
    pair = Pair()
    made = pair.ask(head=[*HEAD, ("content-length", said)], end=False)
    octets = frame(0, 1, 1, sent)
    pair.session.receive(octets)
    assert made.malformed


@pytest.mark.parametrize("sent", [b"", b"abc"])
def test_content_that_trailers_end_before_its_length_is_malformed(sent):
    pair = Pair()
    made = pair.ask(head=[*HEAD, ("content-length", "5")], end=False)
    if sent:
        pair.client.send_data(1, sent)
    pair.client.send_headers(1, [("x-sum", "1")], end_stream=True)
    pair.exchange()
    assert made.ended
    assert made.malformed


def test_trailers_are_fields_of_their_own():
    pair = Pair()
    made = pair.ask(end=False)
    pair.client.send_headers(1, [("x-sum", "1")], end_stream=True)
    pair.exchange()
    assert made.trailers.items() == [(b"x-sum", b"1")]


def test_a_bad_head_is_a_status_and_not_the_end_of_the_connection():
    pair = Pair()
    made = pair.ask(head=[*HEAD, ("connection", "close")])
    assert made.head is None
    assert (made.status, made.wrong) == (400, "client sent connection-specific header")
    assert not pair.session.failed


def test_a_second_head_does_not_make_a_bad_one_good():
    pair = Pair()
    made = pair.ask(head=[*HEAD, ("connection", "close")], end=False)
    pair.client.send_headers(1, HEAD, end_stream=True)
    pair.exchange()
    assert made.head is None
    assert made.status == 400


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (frame(1, 5, 2, BLOCK), 1),  # HEADERS of an even stream
        (frame(0, 0, 1, b"x"), 1),  # DATA of an idle stream
        (frame(9, 4, 1, b""), 1),  # CONTINUATION without HEADERS
        (frame(6, 0, 1, b"12345678"), 1),  # PING on a stream
        (frame(6, 0, 0, b"1234567"), 6),  # of a wrong size
        (frame(8, 0, 0, b"\0\0\0\0"), 1),  # WINDOW_UPDATE by nothing
        (frame(5, 4, 1, b"\0\0\0\2"), 1),  # PUSH_PROMISE
        (frame(4, 0, 0, b"\0\4\xff\xff\xff\xff"), 3),  # a window beyond all bounds
        (frame(1, 5, 1, b"\xff\xff\xff\xff\xff\xff\xff"), 9),  # no HPACK
    ],
)
def test_what_breaks_the_rules_ends_the_connection_with_the_code_for_it(octets, code):
    pair = Pair()
    pair.session.receive(octets)
    assert ended_with(pair.session) == code


@pytest.mark.parametrize(
    "octets",
    [
        frame(6, 0, 0, b"12345678") * 1001,  # PING
        frame(4) * 1001,  # SETTINGS
        frame(2, 0, 3, b"\0\0\0\0\x10") * 1001,  # PRIORITY
        frame(1, 0, 1, b"\x82") + frame(9, 0, 1) * 40,  # CONTINUATION
        b"".join(
            ask(2 * one + 1) + frame(3, 0, 2 * one + 1, b"\0\0\0\x08") for one in range(600)
        ),  # streams that are taken back at once
        b"".join(
            ask(2 * one + 1) + frame(8, 0, 2 * one + 1, b"\x7f\xff\xff\xff") for one in range(600)
        ),  # streams that we are made to reset
        b"".join(frame(1, 4, 2 * one + 1, BLOCK) for one in range(600)),  # more than are let in
        frame(8, 0, 0, b"\0\0\0\1") * 1001,  # WINDOW_UPDATE
        frame(1, 4, 1, BLOCK) + frame(0, 0, 1) * 1101,  # DATA without any
        frame(0xBE, 1) * 1001,  # a frame that nobody knows
        frame(1, 5, 1, BLOCK + b"\x40\1a\x7f\xa1\x1e" + b"x" * 4000 + b"\xbe" * 9000),  # HPACK
        frame(1, 5, 1, BLOCK + b"\x40\0\0" + b"\xbe" * 9000),  # fields without an octet
    ],
)
def test_a_flood_is_answered_with_enhance_your_calm(octets):
    pair = Pair()
    pair.session.receive(octets)
    assert ended_with(pair.session) == CALM


def test_pings_among_work_are_no_flood():
    pair = Pair()
    for number in range(300):
        made = pair.ask(stream=2 * number + 1)
        pair.session.respond(made, [(b":status", b"204")])
        pair.heard()
        pair.session.close(made)
        pair.session.receive(frame(6, 0, 0, b"12345678") * 5)
        pair.session.to_send()
    assert not pair.session.failed


def test_a_ping_a_second_is_no_flood():
    pair = Pair()
    for _ in range(1500):
        pair.session.receive(frame(6, 0, 0, b"12345678"))
        pair.session.to_send()
        pair.session.forgive()
    assert not pair.session.failed


def test_too_large_a_head_ends_the_connection():
    pair = Pair(limits=HeadLimits(line=100, listed=300))
    pair.client.send_headers(1, [*HEAD, ("a", "x" * 101)], end_stream=True)
    pair.session.receive(pair.client.data_to_send())
    assert pair.session.to_send()[-4:] == CALM.to_bytes(4, "big")


def test_a_head_of_an_earlier_stream_is_an_error():
    pair = Pair()
    pair.ask(stream=3)
    pair.session.receive(frame(1, 5, 1, BLOCK))
    assert pair.session.failed


def test_a_stream_that_the_client_resets_is_closed_and_in_the_news():
    pair = Pair()
    made = pair.ask(end=False)
    pair.client.reset_stream(1, 8)
    assert pair.exchange()[0] == [made]
    assert made.closed
    assert made.code == 8
