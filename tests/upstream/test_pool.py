import threading

import pytest

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import UpstreamCell
from forkproxy.upstream.pool import Pool
from tests.support.backends import balancing
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.origin import response


def connections(inside):
    """Return how many connections each origin has had."""
    return [len(origin.peers) for origin in inside.origins.values()]


def test_a_connection_serves_one_request_after_another():
    with balancing("", "a") as inside:
        for _ in range(5):
            assert get(inside.address).body == b"a"
        assert connections(inside) == [1]


def test_what_is_kept_is_counted():
    made = cells.make(1)
    with balancing("zone u 64k;", "a", cells=made) as inside:
        get(inside.address)
        cell = made.tally("upstream", "u") + UpstreamCell.UPSTREAM_IDLE
        eventually(lambda: made.board.total(cell) == 1)
        inside.origins["a"].close()
        eventually(lambda: made.board.total(cell) == 0)


def test_without_keepalive_each_request_has_its_own():
    with balancing("keepalive 0;", "a") as inside:
        for _ in range(3):
            get(inside.address)
        assert connections(inside) == [3]


def test_a_connection_serves_so_many_requests():
    with balancing("keepalive_requests 2;", "a") as inside:
        for _ in range(4):
            get(inside.address)
        assert connections(inside) == [2]


def test_a_connection_lives_so_long():
    with balancing("keepalive_time 1ms;", "a") as inside:
        eventually(lambda: get(inside.address).body == b"a" and connections(inside)[0] > 1)


def test_an_idle_connection_ends_by_itself():
    with balancing("keepalive_timeout 1ms;", "a") as inside:
        get(inside.address)
        origin = inside.origins["a"]
        eventually(lambda: origin.peers[0].closed())
        get(inside.address)
        assert connections(inside) == [2]


@pytest.mark.parametrize(("local", "count"), [("", 1), ("local", 2)])
def test_a_local_connection_is_for_its_own_location(local, count):
    with balancing(
        f"keepalive 8 {local};", "a", server="} location /other { proxy_pass http://u;"
    ) as inside:
        for target in (b"/", b"/other", b"/", b"/other"):
            get(inside.address, target)
        assert connections(inside) == [count]


def test_no_more_connections_than_that_are_kept():
    together = threading.Barrier(3)

    def script(peer):
        while True:
            peer.request()
            together.wait(5.0)
            peer.send(response(b"x"))

    with balancing("keepalive 1;", "a", script=script) as inside:
        asking = [threading.Thread(target=get, args=(inside.address,)) for _ in range(2)]
        for one in asking:
            one.start()
        together.wait(5.0)
        for one in asking:
            one.join()
        origin = inside.origins["a"]
        eventually(lambda: sum(peer.closed() for peer in origin.peers) == 1)


def test_what_idles_to_a_peer_that_goes_is_closed():
    with balancing("", "a", "b") as inside:
        get(inside.address)
        get(inside.address)
        (upstream,) = inside.generation.upstreams
        in_hub(upstream.drop, 0)
        origin = inside.origins["a"]
        eventually(lambda: origin.peers[0].closed())
        assert {get(inside.address).body for _ in range(3)} == {b"b"}


def test_a_pool_has_nginxs_limits():
    pool = Pool()
    assert (pool.most, pool.requests, pool.timeout, pool.time) == (32, 1000, 60, 3600)
