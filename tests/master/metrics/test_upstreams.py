"""Metrics of upstreams and peers."""

from forkproxy.master import servers
from forkproxy.master.metrics.upstreams import families
from forkproxy.shared.scoreboard import Order, PeerCell, UpstreamCell
from tests.support.administration import Master, upstream
from tests.support.metrics import samples

ONE = '{upstream="app",peer="10.0.0.1:80"}'


def made():
    master = Master(upstreams=[upstream("app", "10.0.0.1:80", "10.0.0.2:80")])
    return master, servers.one_of(master.roster, master.counted, "app", "#0")


def test_what_a_peer_did_is_counted_over_all_workers():
    master, one = made()
    master.worker.add(one.first + PeerCell.PEER_REQUESTS, 5)
    master.worker.add(one.first + PeerCell.PEER_1XX + 1, 4)
    master.worker.add(one.first + PeerCell.PEER_DOWNTIME, 1500)
    found = samples(families(master))
    assert found["forkproxy_upstream_peer_requests_total" + ONE] == "5"
    answers = 'forkproxy_upstream_peer_responses_total{upstream="app",peer="10.0.0.1:80",code='
    assert found[answers + '"2xx"}'] == "4"
    assert found["forkproxy_upstream_peer_downtime_seconds_total" + ONE] == "1.5"


def test_the_times_of_answers_are_a_histogram_in_seconds():
    master, one = made()
    master.worker.add(one.first + PeerCell.PEER_BUCKETS, 2)
    master.worker.add(one.first + PeerCell.PEER_BUCKETS + 14, 1)
    master.worker.add(one.first + PeerCell.PEER_RESPONSE_SUM, 12500)
    found = samples(families(master))
    name = 'forkproxy_upstream_peer_response_time_seconds_bucket{upstream="app",peer="10.0.0.1:80"'
    assert [found[f'{name},le="{bound}"}}'] for bound in ("0.005", "10", "+Inf")] == ["2", "2", "3"]
    assert found["forkproxy_upstream_peer_response_time_seconds_sum" + ONE] == "12.5"


def test_a_peer_that_is_drained_is_not_up():
    master, one = made()
    assert samples(families(master))["forkproxy_upstream_peer_up" + ONE] == "1"
    servers.order(master.roster, master.counted, one, Order.ORDER_DRAIN)
    assert samples(families(master))["forkproxy_upstream_peer_up" + ONE] == "0"


def test_a_peer_that_is_removed_is_shown_no_more():
    master, one = made()
    servers.remove(master.roster, one)
    assert not any("10.0.0.1" in name for name in samples(families(master)))


def test_queues_and_kept_connections_are_those_of_the_upstream():
    master, _ = made()
    first = master.cells.tally("upstream", "app")
    master.worker.add(first + UpstreamCell.UPSTREAM_QUEUED, 3)
    found = samples(families(master))
    assert found['forkproxy_upstream_queue_length{upstream="app"}'] == "3"
    assert found['forkproxy_upstream_zombies{upstream="app"}'] == "0"
