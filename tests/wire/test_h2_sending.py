"""What a session says: frames within the windows, in the order of urgency."""

import h2.events

from tests.support.h2_pair import HEAD, Pair, frame, of


def test_an_answer_goes_in_frames_of_8192_octets_within_the_windows():
    pair = Pair()
    made = pair.ask()
    left = pair.session.respond(made, [(b":status", b"200")], b"x" * 70000)
    assert len(left) == 70000 - 65535
    data = of(h2.events.DataReceived, pair.heard())
    assert [len(one.data) for one in data] == [8192] * 7 + [8191]
    pair.client.increment_flow_control_window(65535)
    pair.client.increment_flow_control_window(65535, 1)
    pair.heard()
    assert pair.session.go_on(made, left) == b""
    events = pair.heard()
    assert of(h2.events.StreamEnded, events)
    assert made.done
    assert made.closed


def test_no_more_is_made_at_a_time_than_is_asked_for_and_a_frame():
    pair = Pair()
    made = pair.ask()
    octets = b"x" * 60000
    pair.session.hold(made, [(b":status", b"200")], octets)
    sizes = [len(pair.session.to_send(10000)) for _ in range(4)]
    assert all(10000 <= size < 20000 for size in sizes)
    assert sum(sizes) > 60000


def test_what_is_urgent_goes_first():
    """RFC 9218, with a client that says it has no priorities of RFC 7540."""
    pair = Pair(settings={9: 1})
    octets = b"x" * 8000
    made = [
        pair.ask(stream=stream, head=[*HEAD, ("priority", f"u={urgency}")])
        for stream, urgency in ((1, 7), (3, 0), (5, 3))
    ]
    for one in made:
        pair.session.hold(one, [(b":status", b"200")], octets)
    order = [one.stream_id for one in of(h2.events.DataReceived, pair.heard())]
    assert order == [3, 5, 1]


def test_who_says_so_later_is_heard():
    pair = Pair(settings={9: 1})
    octets = b"x" * 8000
    made = [pair.ask(stream=stream) for stream in (1, 3)]
    pair.session.receive(frame(16, 0, 0, b"\0\0\0\3u=0"))  # PRIORITY_UPDATE
    for one in made:
        pair.session.hold(one, [(b":status", b"200")], octets)
    assert [one.stream_id for one in of(h2.events.DataReceived, pair.heard())] == [3, 1]
