"""The rules of frames, section by section of RFC 9113: what breaks one, and the code it is told."""

import pytest

from tests.support.h2_pair import BLOCK, Pair, ask, frame

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE = range(6)
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(6, 10)
PROTOCOL, FLOW_CONTROL, CLOSED, SIZE, COMPRESSION = 1, 3, 5, 6, 9
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
WIDEST = b"\x7f\xff\xff\xff"


def opened(stream=1):
    """Return a head that content follows."""
    return frame(HEADERS, END_HEADERS, stream, BLOCK)


def setting(name, value):
    return frame(SETTINGS, 0, 0, name.to_bytes(2, "big") + value.to_bytes(4, "big"))


CONNECTION_ERRORS = {
    "4.2 HEADERS longer than SETTINGS_MAX_FRAME_SIZE": (
        frame(HEADERS, 5, 1, BLOCK + bytes(16384)),
        {SIZE},
    ),
    "4.2 DATA longer than SETTINGS_MAX_FRAME_SIZE": (
        opened() + frame(DATA, 0, 1, bytes(16385)),
        {SIZE},
    ),
    "4.3 a field block that is no HPACK": (frame(HEADERS, 5, 1, b"\xff" * 9), {COMPRESSION}),
    "4.3 PRIORITY within a field block": (
        frame(HEADERS, 1, 1, BLOCK) + frame(PRIORITY, 0, 1, bytes(5)),
        {PROTOCOL},
    ),
    "4.3 HEADERS of another stream within a field block": (
        frame(HEADERS, 1, 1, BLOCK) + ask(3),
        {PROTOCOL},
    ),
    "5.1 DATA of an idle stream": (frame(DATA, 1, 1, b"x"), {PROTOCOL, CLOSED}),
    "5.1 RST_STREAM of an idle stream": (frame(RST_STREAM, 0, 1, bytes(4)), {PROTOCOL}),
    "5.1 WINDOW_UPDATE of an idle stream": (
        frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1"),
        {PROTOCOL},
    ),
    "5.1 CONTINUATION of an idle stream": (frame(CONTINUATION, 4, 1, BLOCK), {PROTOCOL}),
    "5.1 DATA behind the end": (ask(1) + frame(DATA, 1, 1, b"x"), {CLOSED}),
    "5.1 HEADERS behind the end": (ask(1) + ask(1), {CLOSED, PROTOCOL}),
    "5.1 CONTINUATION behind the end": (
        ask(1) + frame(CONTINUATION, 4, 1, BLOCK),
        {CLOSED, PROTOCOL},
    ),
    "5.1.1 a stream of an even number": (ask(2), {PROTOCOL}),
    "5.1.1 a stream of a lower number": (ask(5) + ask(3), {PROTOCOL}),
    "5.5 an unknown frame within a field block": (
        frame(HEADERS, 1, 1, BLOCK) + frame(0xFA, 0, 1, b"x"),
        {PROTOCOL},
    ),
    "6.1 DATA of no stream": (frame(DATA, 0, 0, b"x"), {PROTOCOL}),
    "6.1 DATA of nothing but too much padding": (
        opened() + frame(DATA, PADDED, 1, b"\x09abc"),
        {PROTOCOL},
    ),
    "6.2 HEADERS of no stream": (frame(HEADERS, 5, 0, BLOCK), {PROTOCOL}),
    "6.2 HEADERS of nothing but too much padding": (
        frame(HEADERS, 5 | PADDED, 1, b"\xff" + BLOCK),
        {PROTOCOL},
    ),
    "6.3 PRIORITY of no stream": (frame(PRIORITY, 0, 0, bytes(5)), {PROTOCOL}),
    "6.4 RST_STREAM of no stream": (frame(RST_STREAM, 0, 0, bytes(4)), {PROTOCOL}),
    "6.4 RST_STREAM of another length": (
        opened() + frame(RST_STREAM, 0, 1, bytes(3)),
        {SIZE},
    ),
    "6.5 SETTINGS of a stream": (frame(SETTINGS, 0, 1), {PROTOCOL}),
    "6.5 SETTINGS of another length": (frame(SETTINGS, 0, 0, bytes(5)), {SIZE}),
    "6.5 an acknowledgement that sets something": (
        frame(SETTINGS, 1, 0, bytes(6)),
        {SIZE},
    ),
    "6.5.2 ENABLE_PUSH of 2": (setting(2, 2), {PROTOCOL}),
    "6.5.2 INITIAL_WINDOW_SIZE above 2^31-1": (setting(4, 1 << 31), {FLOW_CONTROL}),
    "6.5.2 MAX_FRAME_SIZE below 16384": (setting(5, 16383), {PROTOCOL}),
    "6.5.2 MAX_FRAME_SIZE above 2^24-1": (setting(5, 1 << 24), {PROTOCOL}),
    "6.6 PUSH_PROMISE": (opened() + frame(PUSH_PROMISE, 4, 1, b"\0\0\0\2" + BLOCK), {PROTOCOL}),
    "6.7 PING of a stream": (frame(PING, 0, 1, bytes(8)), {PROTOCOL}),
    "6.7 PING of another length": (frame(PING, 0, 0, bytes(7)), {SIZE}),
    "6.8 GOAWAY of a stream": (frame(GOAWAY, 0, 1, bytes(8)), {PROTOCOL}),
    "6.9 WINDOW_UPDATE by nothing": (frame(WINDOW_UPDATE, 0, 0, bytes(4)), {PROTOCOL}),
    "6.9 WINDOW_UPDATE of another length": (frame(WINDOW_UPDATE, 0, 0, bytes(3)), {SIZE}),
    "6.9.1 a window of the connection above 2^31-1": (
        frame(WINDOW_UPDATE, 0, 0, WIDEST) * 2,
        {FLOW_CONTROL},
    ),
    "6.10 CONTINUATION without HEADERS": (
        opened() + frame(CONTINUATION, 4, 1, BLOCK),
        {PROTOCOL},
    ),
    "6.10 CONTINUATION behind DATA": (
        opened() + frame(DATA, 0, 1, b"x") + frame(CONTINUATION, 4, 1, BLOCK),
        {PROTOCOL},
    ),
    "6.10 CONTINUATION of no stream": (
        frame(HEADERS, 1, 1, BLOCK) + frame(CONTINUATION, 4, 0, BLOCK),
        {PROTOCOL},
    ),
}
IGNORED = {
    "4.1 flags that mean nothing": frame(PING, 0xFE, 0, bytes(8)),
    "4.1 the reserved bit": frame(WINDOW_UPDATE, 0, 1 << 31, b"\0\0\0\1"),
    "5.5 an unknown frame": frame(0xFA, 0xFF, 0, b"whatever"),
    "5.5 an unknown frame of a stream": frame(0xFA, 0, 77, b""),
    "5.5 an unknown setting": setting(0xFF, 1),
    "5.1 PRIORITY of an idle stream": frame(PRIORITY, 0, 7, b"\0\0\0\0\x10"),
    "6.7 an answer to no PING": frame(PING, 1, 0, bytes(8)),
    "7 an unknown code of an error": opened(99) + frame(RST_STREAM, 0, 99, b"\0\0\xff\xff"),
}


def told(session):
    """Return the codes of the GOAWAY and of all RST_STREAM that are sent."""
    said = session.to_send()
    goaway, resets = None, []
    while said:
        length, kind = int.from_bytes(said[:3], "big"), said[3]
        payload, said = said[9 : 9 + length], said[9 + length :]
        if kind == GOAWAY:
            goaway = int.from_bytes(payload[4:8], "big")
        elif kind == RST_STREAM:
            resets.append(int.from_bytes(payload, "big"))
    return goaway, resets


@pytest.mark.parametrize("rule", CONNECTION_ERRORS)
def test_what_breaks_a_rule_ends_the_connection(rule):
    octets, codes = CONNECTION_ERRORS[rule]
    pair = Pair()
    pair.session.receive(octets)
    assert told(pair.session)[0] in codes
    assert pair.session.failed


@pytest.mark.parametrize("rule", IGNORED)
def test_what_means_nothing_is_ignored(rule):
    pair = Pair()
    pair.session.receive(IGNORED[rule])
    pair.session.receive(ask(101))
    assert told(pair.session) == (None, [])
    assert pair.session.streams[101].head is not None


def test_a_window_of_a_stream_beyond_all_bounds_ends_the_stream_alone():
    pair = Pair()
    pair.session.receive(opened(1) + opened(3) + frame(WINDOW_UPDATE, 0, 1, WIDEST) * 2)
    assert told(pair.session) == (None, [FLOW_CONTROL])
    assert list(pair.session.streams) == [3]


def test_windows_may_become_negative_and_open_again():
    pair = Pair()
    made = pair.ask()
    left = pair.session.respond(made, [(b":status", b"200")], b"x" * 70000)
    pair.session.receive(setting(4, 100))
    assert pair.session.go_on(made, left) == left
    pair.session.receive(frame(WINDOW_UPDATE, 0, 1, (65535).to_bytes(4, "big")))
    pair.session.receive(frame(WINDOW_UPDATE, 0, 0, (65535).to_bytes(4, "big")))
    assert len(pair.session.go_on(made, left)) == len(left) - 100


def test_settings_are_acknowledged_in_order_and_pings_answered():
    pair = Pair()
    pair.session.receive(setting(4, 1000) + frame(PING, 0, 0, b"12345678") + setting(4, 2000))
    said = pair.session.to_send()
    assert said.count(frame(SETTINGS, 1)) == 2
    assert said.count(frame(PING, 1, 0, b"12345678")) == 1
