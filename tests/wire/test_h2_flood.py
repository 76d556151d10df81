"""Floods: what is counted, seen through a session."""

from tests.support.h2_pair import Pair, frame


def test_a_thousand_frames_for_nothing_are_borne_and_one_more_is_not():
    pair = Pair()
    pair.session.receive(frame(6, 0, 0, b"12345678") * 990)
    assert not pair.session.failed
    pair.session.receive(frame(6, 0, 0, b"12345678") * 20)
    assert pair.session.failed
    assert pair.session.trouble == "http2 flood detected"


def test_streams_that_are_answered_pay_for_streams_that_are_taken_back():
    pair = Pair()
    for number in range(600):
        made = pair.ask(stream=2 * number + 1)
        if number % 2:
            pair.session.respond(made, [(b":status", b"204")])
            pair.heard()
        else:
            pair.client.reset_stream(2 * number + 1)
            pair.exchange()
        pair.session.close(made)
        pair.heard()
    assert not pair.session.failed


def test_octets_that_are_worth_nothing_are_counted_beyond_eight_mebibytes():
    client = Pair()
    frames = frame(
        0x10, 0, 0, b"\0\0\0\1" + b"x" * 16000
    )  # PRIORITY_UPDATE, which it has no use for
    for _ in range(500):
        client.session.receive(frames)
    assert not client.session.failed
    for _ in range(50):
        client.session.receive(frames)
    assert client.session.failed


def test_priorities_are_counted_where_the_client_goes_by_them():
    pair = Pair(settings={9: 1})
    pair.session.receive(frame(16, 0, 0, b"\0\0\0\1u=1") * 1001)
    assert pair.session.failed
