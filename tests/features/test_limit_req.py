"""limit_req: what is let through, what waits, what is refused, and what is said of it."""

import contextlib
import itertools
import threading
import time

import pytest

from forkproxy.features import limit_req
from forkproxy.shared import bans
from forkproxy.shared.tag import tag
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside

ZONES = """
    limit_req_zone $arg_k zone=slow:%SIZE% rate=1r/m;
    limit_req_zone $arg_a zone=other:%SIZE% rate=1r/m;
    limit_req_zone $arg_k zone=fast:%SIZE% rate=20r/s;
    log_format f "$uri $limit_req_status";
"""


sizes = itertools.count(32768, 256)  # a table is known by its size too


@contextlib.contextmanager
def site(conf, size=None):
    conf = f"access_log logs/access.log f; root %PREFIX%; {conf}"
    with Inside(conf, http=ZONES, SIZE=size or next(sizes)) as server:
        server.write("file", b"file")
        yield server


def statuses(server, count, target=b"/file?k=1"):
    return [get(server.address, target).status for _ in range(count)]


def test_what_is_over_the_rate_is_refused():
    with site("limit_req zone=slow;") as server:
        assert statuses(server, 3) == [200, 503, 503]
        assert 'limiting requests, excess: 1.000 by zone "slow"' in server.errors()
        assert server.lines(3)[:2] == [b"/file PASSED", b"/file REJECTED"]


def test_a_burst_is_let_through():
    with site("limit_req zone=slow burst=2 nodelay;") as server:
        assert statuses(server, 4) == [200, 200, 200, 503]


def test_the_status_and_the_level_may_be_chosen():
    with site("limit_req zone=slow; limit_req_status 429; limit_req_log_level info;") as server:
        assert statuses(server, 2) == [200, 429]
        assert "[info]" in server.errors()
        assert "[error]" not in server.errors()


def test_a_key_that_is_empty_is_not_limited():
    with site("limit_req zone=slow;") as server:
        assert statuses(server, 3, b"/file") == [200, 200, 200]
        assert server.lines(3)[0] == b"/file -"


def test_a_burst_waits_for_its_turn():
    with site("limit_req zone=fast burst=5;") as server:
        before = time.monotonic()
        assert statuses(server, 4) == [200] * 4
        assert time.monotonic() - before >= 0.14
        assert "delaying request, excess: 0." in server.errors()
        assert server.lines(4)[3] == b"/file DELAYED"


def test_with_delay_only_what_is_above_it_waits():
    with site("limit_req zone=fast burst=5 delay=2;") as server:
        statuses(server, 3)
        assert server.lines(3) == [b"/file PASSED"] * 3


def test_who_leaves_while_waiting_is_logged_as_such():
    with site("limit_req zone=slow burst=1; limit_req zone=fast burst=9;") as server:
        statuses(server, 1)
        with Client(server.address) as client:
            client.send(request(b"GET", b"/file?k=1"))
            eventually(lambda: "delaying request" in server.errors(), what="it waits")
            client.reset()


def test_several_limits_all_hold():
    with site("limit_req zone=slow burst=2 nodelay; limit_req zone=other;") as server:
        assert statuses(server, 2, b"/file?k=1&a=1") == [200, 503]
        assert statuses(server, 2, b"/file?k=1&a=2") == [200, 503]
        assert statuses(server, 2, b"/file?k=1&a=3") == [200, 503]
        assert statuses(server, 2, b"/file?k=1&a=4") == [503, 503]  # k has had its three


def test_what_one_limit_refuses_is_not_counted_by_the_others():
    with site("limit_req zone=other; limit_req zone=slow burst=1 nodelay;") as server:
        assert statuses(server, 3, b"/file?k=2&a=1") == [200, 503, 503]
        assert statuses(server, 1, b"/file?k=2") == [200]


def test_a_dry_run_counts_and_lets_through():
    with site("limit_req zone=slow; limit_req_dry_run on;") as server:
        assert statuses(server, 2) == [200, 200]
        assert "limiting requests, dry run, excess" in server.errors()
        assert server.lines(2)[1] == b"/file REJECTED_DRY_RUN"


def test_it_is_asked_once_a_request_whatever_happens_inside():
    conf = "limit_req zone=slow; error_page 404 =200 /file; location /none { limit_req zone=slow; }"
    with site(conf) as server:
        assert statuses(server, 2, b"/none?k=1") == [200, 503]


def test_a_subrequest_counts_with_its_parent():
    conf = """
        location /file { auth_request /auth; limit_req zone=slow; }
        location = /auth { limit_req zone=slow; try_files /none =204; }
    """
    with site(conf) as server:
        assert statuses(server, 1) == [200]


def test_clients_are_told():
    with site("limit_req zone=slow burst=2 nodelay; limit_headers on;") as server:
        first, second, third, refused = [get(server.address, b"/file?k=1") for _ in range(4)]
        assert first.get(b"ratelimit-policy") == b'"slow";q=3;w=188'
        assert [one.get(b"ratelimit") for one in (first, second, third)] == [
            b'"slow";r=2;t=0',
            b'"slow";r=1;t=63',
            b'"slow";r=0;t=125',
        ]
        assert refused.status == 503
        assert int(refused.get(b"retry-after")) in (62, 63)
        assert b"retry-after" not in first


def test_nobody_is_told_otherwise():
    with site("limit_req zone=slow;") as server:
        for _ in range(2):
            found = get(server.address, b"/file?k=1")
            assert b"ratelimit" not in found
            assert b"retry-after" not in found


def test_who_went_over_it_is_refused_for_a_time():
    conf = "limit_req zone=fast ban=10m; limit_headers on;"
    with site(conf) as server:
        assert statuses(server, 2) == [200, 503]
        found = get(server.address, b"/file?k=1")
        assert found.status == 503
        assert 590 < int(found.get(b"retry-after")) <= 600
        assert 'limiting requests, banned by zone "fast"' in server.errors()
        assert statuses(server, 1, b"/file?k=2") == [200]


def test_a_ban_is_over_when_it_is_lifted():
    with site("limit_req zone=fast ban=10m;") as server:
        bans.of("fast").add(b"1", 600.0)
        assert statuses(server, 1) == [503]
        assert bans.of("fast").lift(tag(b"1"))
        eventually(lambda: statuses(server, 1) == [200], what="it is let in again")


def test_a_reload_keeps_what_was_counted():
    size = next(sizes)
    with site("limit_req zone=slow;", size) as first:
        assert statuses(first, 1) == [200]
        with site("limit_req zone=slow;", size) as second:
            assert statuses(second, 1) == [503]


def test_many_at_once_are_counted_exactly():
    with site("limit_req zone=slow burst=9 nodelay;") as server:
        found = []

        def ask():
            found.extend(statuses(server, 10))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found.count(200) == 10


@pytest.mark.parametrize("zone", ["slow", "fast"])
def test_what_was_decided_is_counted(zone):
    with site(f"limit_req zone={zone} burst=1 nodelay;") as server:
        statuses(server, 3)
        (tally,) = [one for one in server.generation.tallies if one.kind == "limit_req"]
        assert tally.name == zone


def test_another_rate_holds_from_now_on():
    with site("limit_req zone=fast;") as server:
        lines = server.generation.limits["fast"]
        limit_req.change(lines, 16)
        assert limit_req.frequency(lines) == 16
        assert statuses(server, 2) == [200, 503]
