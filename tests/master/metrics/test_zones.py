"""Metrics of what is counted by name."""

import pytest

from forkproxy.master.metrics.zones import GROUPS
from forkproxy.shared.scoreboard import (
    CacheCell,
    LimitConnCell,
    LimitReqCell,
    ResolverCell,
    ZoneCell,
)
from tests.support.administration import Master
from tests.support.metrics import samples

CASES = [
    ("zones", "server_zone", ZoneCell.ZONE_PROCESSING, "server_zone_requests_active", ""),
    ("zones", "server_zone", ZoneCell.ZONE_REQUESTS, "server_zone_requests_total", ""),
    ("zones", "server_zone", ZoneCell.ZONE_4XX, "server_zone_responses_total", ',code="4xx"'),
    ("zones", "server_zone", ZoneCell.ZONE_HANDSHAKES, "server_zone_tls_handshakes_total", ""),
    ("zones", "location_zone", ZoneCell.ZONE_SENT, "location_zone_sent_bytes_total", ""),
    ("caches", "cache", CacheCell.CACHE_SIZE, "cache_size_bytes", ""),
    ("caches", "cache", CacheCell.CACHE_HIT, "cache_responses_total", ',status="hit"'),
    (
        "caches",
        "cache",
        CacheCell.CACHE_MISS_WRITTEN,
        "cache_responses_written_total",
        ',status="miss"',
    ),
    (
        "limits",
        "limit_req",
        LimitReqCell.LIMIT_REQ_REJECTED,
        "limit_req_requests_total",
        ',result="rejected"',
    ),
    (
        "limits",
        "limit_conn",
        LimitConnCell.LIMIT_CONN_PASSED,
        "limit_conn_requests_total",
        ',result="passed"',
    ),
    (
        "resolvers",
        "resolver",
        ResolverCell.RESOLVER_NXDOMAIN,
        "resolver_responses_total",
        ',code="nxdomain"',
    ),
]


@pytest.mark.parametrize(("group", "kind", "cell", "name", "more"), CASES)
def test_each_number_stands_under_its_name(group, kind, cell, name, more):
    master = Master([(kind, "z")])
    master.worker.add(master.cells.tally(kind, "z") + cell, 7)
    assert samples(GROUPS[group](master))[f'forkproxy_{name}{{zone="z"{more}}}'] == "7"


@pytest.mark.parametrize("group", GROUPS)
def test_without_such_a_thing_there_are_no_metrics_of_it(group):
    assert samples(GROUPS[group](Master())) == {}
