"""What sessions that nobody uses share, and give back."""

import gc

from forkproxy.wire.h2 import Session
from forkproxy.wire.head_limits import HeadLimits
from tests.support.h2_pair import PREFACE, Pair, ask, frame


def resident():
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Rss:")) * 1024


def used(session):
    session.receive(PREFACE + frame(4) + frame(4, 1) + ask(1))
    stream = session.streams[1]
    session.respond(stream, [(b":status", b"204")])
    session.to_send()
    session.close(stream)
    session.doze()
    return session


def test_a_session_that_sleeps_goes_on_as_before():
    pair = Pair()
    for number in range(5):
        made = pair.ask(stream=2 * number + 1)
        pair.session.respond(made, [(b":status", b"204")])
        pair.heard()
        pair.session.close(made)
        pair.session.doze()
    assert made.done


def test_one_that_still_has_streams_keeps_them():
    pair = Pair()
    made = pair.ask(end=False)
    pair.session.receive(frame(2, 0, 5, b"\0\0\0\0\x10"))  # PRIORITY of one that is idle
    pair.session.doze()
    pair.client.send_data(1, b"late", end_stream=True)
    pair.exchange()
    assert pair.session.read(made) == b"late"


def test_a_thousand_that_sleep_cost_ten_kibibytes_each_at_the_most():
    warm = [used(Session(HeadLimits())) for _ in range(100)]
    gc.collect()
    before = resident()
    kept = [used(Session(HeadLimits())) for _ in range(1000)]
    assert (resident() - before) / 1000 < 10 * 1024
    assert (len(warm), len(kept)) == (100, 1000)
