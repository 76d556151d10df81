"""HTTP/2 without a socket: how a session begins and ends, and that no octets break it."""

import h2.events
import h2.settings
from hypothesis import given, settings
from hypothesis import strategies as st

from forkproxy.wire.h2 import Session
from forkproxy.wire.head_limits import HeadLimits
from tests.support.h2_pair import PREFACE, Pair, ask, frame, of


def test_it_says_what_it_takes():
    pair = Pair(streams=7, window=1000)
    said = pair.client.remote_settings
    assert said.max_concurrent_streams == 7
    assert said.initial_window_size == 1000
    assert said.enable_connect_protocol


def test_content_that_nobody_reads_is_bounded_for_all_streams_together():
    pair = Pair(window=1 << 30)
    pair.ask(end=False)
    room = pair.client.local_flow_control_window(1)
    assert room == 16 << 20
    while room > 0:
        pair.client.send_data(1, b"x" * 16384)
        room -= 16384
        assert not of(h2.events.WindowUpdated, pair.heard())
    pair.session.close(pair.session.streams[1])
    assert of(h2.events.WindowUpdated, pair.heard())


def test_many_sessions_make_their_frames_in_turns():
    pairs = [Pair() for _ in range(20)]
    asked = [pair.ask() for pair in pairs]
    for pair, stream in zip(pairs, asked, strict=True):
        pair.session.respond(stream, [(b":status", b"200")], b"%d" % id(pair) * 5000)
    for pair in pairs:
        got = b"".join(one.data for one in of(h2.events.DataReceived, pair.heard()))
        assert got == (b"%d" % id(pair) * 5000)[: len(got)]
        assert len(got) > 60000


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_octets_break_it(octets):
    session = Session(HeadLimits())
    session.receive(PREFACE + frame(4))
    for stream in session.receive(octets):
        if stream.head is not None:
            session.respond(stream, [(b":status", b"200")], b"x")
            session.close(stream)
    session.to_send()


def test_a_client_that_leaves_its_settings_out_is_served_as_by_nginx():
    session = Session(HeadLimits())
    (made,) = session.receive(PREFACE + ask(1))
    assert made.head.path == b"/"
    assert frame(4, 1) not in session.to_send()
