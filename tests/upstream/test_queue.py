import threading

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import UpstreamCell
from tests.support.backends import balancing
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.origin import response


def held(release):
    """Return a script that answers once `release` is set."""

    def script(peer):
        while True:
            peer.request()
            assert release.wait(5.0)
            peer.send(response(b"x"))

    return script


def queue(inside):
    (upstream,) = inside.generation.upstreams
    return upstream.queue


def test_who_finds_all_peers_full_waits_for_one():
    release = threading.Event()
    with balancing(
        "queue 10 timeout=5s;", "a", options={"a": "max_conns=1"}, script=held(release)
    ) as inside:
        with Client(inside.address) as first, Client(inside.address) as second:
            first.send(request(b"GET", b"/1"))
            inside.origins["a"].wait(1)
            second.send(request(b"GET", b"/2"))
            eventually(lambda: queue(inside).size == 1)
            release.set()
            assert [first.response().status, second.response().status] == [200, 200]
        assert [seen.target for seen in inside.origins["a"].requests] == [b"/1", b"/2"]


def test_who_waits_too_long_is_told():
    release = threading.Event()
    with (
        balancing(
            "queue 10 timeout=50ms;", "a", options={"a": "max_conns=1"}, script=held(release)
        ) as inside,
        Client(inside.address) as first,
    ):
        first.send(request(b"GET", b"/"))
        inside.origins["a"].wait(1)
        assert get(inside.address).status == 502
        release.set()
        assert first.response().status == 200


def test_a_queue_that_is_full_takes_nobody():
    made = cells.make(1)
    release = threading.Event()
    with (
        balancing(
            "zone u 64k; queue 1 timeout=5s;",
            "a",
            options={"a": "max_conns=1"},
            script=held(release),
            cells=made,
        ) as inside,
        Client(inside.address) as first,
        Client(inside.address) as second,
    ):
        first.send(request(b"GET", b"/"))
        inside.origins["a"].wait(1)
        second.send(request(b"GET", b"/"))
        eventually(lambda: queue(inside).size == 1)
        assert get(inside.address).status == 502
        first_cell = made.tally("upstream", "u")
        assert made.board.total(first_cell + UpstreamCell.UPSTREAM_OVERFLOWS) == 1
        assert made.board.total(first_cell + UpstreamCell.UPSTREAM_QUEUED) == 1
        release.set()
        assert [first.response().status, second.response().status] == [200, 200]
        assert made.board.total(first_cell + UpstreamCell.UPSTREAM_QUEUED) == 0


def test_without_a_queue_nobody_waits():
    release = threading.Event()
    alone = balancing("", "a", options={"a": "max_conns=1"}, script=held(release))
    with alone as inside, Client(inside.address) as first:
        first.send(request(b"GET", b"/"))
        inside.origins["a"].wait(1)
        assert get(inside.address).status == 502
        release.set()
        assert first.response().status == 200
