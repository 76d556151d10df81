"""Metrics of upstreams and their peers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from forkproxy.master import servers
from forkproxy.master.administration import Master
from forkproxy.master.metrics.exposition import Family, labels_of
from forkproxy.master.roster import key_of
from forkproxy.shared.scoreboard import PeerCell, UpstreamCell
from forkproxy.upstream.peer import BUCKETS

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
BOUNDS = tuple(f"{bound / 1000:g}" for bound in BUCKETS)  # seconds
COUNTERS = (
    ("requests", "Requests that a peer was given.", PeerCell.PEER_REQUESTS),
    ("fails", "Attempts that failed.", PeerCell.PEER_FAILS),
    ("unavailable", "How often it was left out for its failures.", PeerCell.PEER_UNAVAIL),
    ("sent_bytes", "Octets sent to a peer.", PeerCell.PEER_SENT),
    ("received_bytes", "Octets received from it.", PeerCell.PEER_RECEIVED),
    ("checks", "Health checks.", PeerCell.PEER_CHECKS),
    ("checks_failed", "Those that failed.", PeerCell.PEER_CHECK_FAILS),
    ("unhealthy", "How often checks found it sick.", PeerCell.PEER_UNHEALTHY),
    ("ejections", "How often it was ejected for its answers.", PeerCell.PEER_EJECTIONS),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer: what it is called, the sums of its columns, and how it is."""

    labels: str
    counts: list[int]
    up: bool
    weight: int


def families(master: Master) -> Iterator[Family]:
    """Yield those of upstreams, then those of all their peers."""
    yield from _upstreams(master)
    yield from _peers(list(_found(master)))


def _upstreams(master: Master) -> Iterator[Family]:
    idle = Family("upstream_idle_connections", "gauge", "Connections to peers that are kept.")
    queue = Family("upstream_queue_length", "gauge", "Requests that wait for a peer.")
    full = Family(
        "upstream_queue_overflows_total", "counter", "Requests that found the queue full."
    )
    zombies = Family("upstream_zombies", "gauge", "Peers that are removed and still at work.")
    counted = master.counted
    for name in master.roster.zones():
        labels = labels_of(upstream=name)
        zombies.add(master.roster.zombies(name), labels)
        try:
            first = counted.cells.tally("upstream", name)
        except KeyError:
            continue  # without a zone nobody counts these
        total = counted.cells.board.total
        idle.add(total(first + UpstreamCell.UPSTREAM_IDLE), labels)
        queue.add(total(first + UpstreamCell.UPSTREAM_QUEUED), labels)
        full.add(total(first + UpstreamCell.UPSTREAM_OVERFLOWS), labels)
    yield from (idle, queue, full, zombies)


def _found(master: Master) -> Iterator[Peer]:
    board = master.counted.cells.board
    for name in master.roster.zones():
        for one in servers.all_of(master.roster, master.counted, name):
            if one.member.is_name:
                continue
            labels = labels_of(upstream=name, peer=key_of(one.member))
            counts = board.totals(one.first, PeerCell.PEER_CELLS)
            yield Peer(labels, counts, one.state == "up", one.weight)


def _peers(found: list[Peer]) -> Iterator[Family]:
    up = Family("upstream_peer_up", "gauge", "Whether a peer takes requests of anybody.")
    weight = Family("upstream_peer_weight", "gauge", "The weight that holds.")
    active = Family("upstream_peer_requests_active", "gauge", "Requests under way with a peer.")
    answers = Family("upstream_peer_responses_total", "counter", "Answers of a peer.")
    times = Family(
        "upstream_peer_response_time_seconds", "histogram", "Until the end of its answers."
    )
    for peer in found:
        counts = peer.counts
        up.add(int(peer.up), peer.labels)
        weight.add(peer.weight, peer.labels)
        active.add(counts[PeerCell.PEER_ACTIVE], peer.labels)
        for index, name in enumerate(CLASSES):
            answers.add(counts[PeerCell.PEER_1XX + index], f'{peer.labels},code="{name}"')
        buckets = counts[PeerCell.PEER_BUCKETS : PeerCell.PEER_BUCKETS + len(BUCKETS) + 1]
        total = counts[PeerCell.PEER_RESPONSE_SUM] / 1000
        times.add_histogram(BOUNDS, buckets, total, peer.labels)
    yield from (up, weight, active, answers, times)
    for suffix, meaning, cell in COUNTERS:
        made = Family(f"upstream_peer_{suffix}_total", "counter", meaning)
        for peer in found:
            made.add(peer.counts[cell], peer.labels)
        yield made
    down = Family(
        "upstream_peer_downtime_seconds_total", "counter", "How long it was unhealthy or ejected."
    )
    for peer in found:
        down.add(peer.counts[PeerCell.PEER_DOWNTIME] / 1000, peer.labels)
    yield down
