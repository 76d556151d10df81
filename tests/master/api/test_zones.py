import pytest

from forkproxy.shared.scoreboard import CacheCell, LimitReqCell, ResolverCell, ZoneCell
from tests.support.administration import Master, call

TALLIES = [
    ("server_zone", "site"),
    ("location_zone", "images"),
    ("cache", "pages"),
    ("limit_req", "login"),
    ("limit_conn", "addr"),
    ("resolver", "dns"),
]


@pytest.fixture
def master():
    return Master(TALLIES)


def add(master, kind, name, cell, count=1):
    master.worker.add(master.cells.tally(kind, name) + cell, count)


def test_a_server_zone_has_plus_shape(master):
    add(master, "server_zone", "site", ZoneCell.ZONE_PROCESSING)
    add(master, "server_zone", "site", ZoneCell.ZONE_REQUESTS, 5)
    add(master, "server_zone", "site", ZoneCell.ZONE_2XX, 4)
    add(master, "server_zone", "site", ZoneCell.ZONE_CODES, (200 << 48) + 4)
    assert call(master, "GET", "/api/9/http/server_zones/site") == (
        200,
        {
            "processing": 1,
            "requests": 5,
            "responses": {
                "1xx": 0,
                "2xx": 4,
                "3xx": 0,
                "4xx": 0,
                "5xx": 0,
                "codes": {"200": 4},
                "total": 4,
            },
            "discarded": 0,
            "received": 0,
            "sent": 0,
            "ssl": {"handshakes": 0, "handshakes_failed": 0, "session_reuses": 0},
        },
    )
    old = call(master, "GET", "/api/6/http/server_zones/site")[1]
    assert "codes" not in old["responses"]
    assert "ssl" not in old


def test_a_location_zone_has_no_processing(master):
    found = call(master, "GET", "/api/9/http/location_zones/")[1]["images"]
    assert set(found) == {"requests", "responses", "discarded", "received", "sent"}


def test_a_cache_shows_what_is_in_it_and_where_answers_came_from(master):
    add(master, "cache", "pages", CacheCell.CACHE_SIZE, 1000)
    add(master, "cache", "pages", CacheCell.CACHE_MISS, 2)
    add(master, "cache", "pages", CacheCell.CACHE_MISS_BYTES_WRITTEN, 300)
    found = call(master, "GET", "/api/9/http/caches/pages")[1]
    assert found["size"] == 1000
    assert found["cold"] is False
    assert "max_size" not in found
    assert found["hit"] == {"responses": 0, "bytes": 0}
    assert found["miss"] == {
        "responses": 2,
        "bytes": 0,
        "responses_written": 0,
        "bytes_written": 300,
    }
    add(master, "cache", "pages", CacheCell.CACHE_MAX_SIZE, 5000)
    assert call(master, "GET", "/api/9/http/caches/pages")[1]["max_size"] == 5000


def test_limits_and_resolvers_show_their_numbers(master):
    add(master, "limit_req", "login", LimitReqCell.LIMIT_REQ_DELAYED, 3)
    add(master, "resolver", "dns", ResolverCell.RESOLVER_NXDOMAIN)
    assert call(master, "GET", "/api/9/http/limit_reqs/login")[1] == {
        "passed": 0,
        "delayed": 3,
        "rejected": 0,
        "delayed_dry_run": 0,
        "rejected_dry_run": 0,
    }
    assert call(master, "GET", "/api/9/http/limit_conns")[1] == {
        "addr": {"passed": 0, "rejected": 0, "rejected_dry_run": 0}
    }
    found = call(master, "GET", "/api/9/resolvers/dns")[1]
    assert found["requests"] == {"name": 0, "srv": 0, "addr": 0}
    assert found["responses"]["nxdomain"] == 1


PATHS = [
    ("http/server_zones", "site", "ServerZoneNotFound"),
    ("http/location_zones", "images", "LocationZoneNotFound"),
    ("http/caches", "pages", "CacheNotFound"),
    ("http/limit_reqs", "login", "LimitReqNotFound"),
    ("http/limit_conns", "addr", "LimitConnNotFound"),
    ("resolvers", "dns", "ResolverZoneNotFound"),
]


@pytest.mark.parametrize(("path", "name", "code"), PATHS)
def test_each_kind_is_listed_narrowed_and_missed_alike(master, path, name, code):
    assert list(call(master, "GET", f"/api/9/{path}/")[1]) == [name]
    assert call(master, "GET", f"/api/9/{path}/?fields=")[1] == [name]
    assert call(master, "GET", f"/api/9/{path}/{name}?fields=none") == (200, {})
    for method in ("GET", "DELETE"):
        status, data = call(master, method, f"/api/9/{path}/none")
        assert (status, data["error"]["code"]) == (404, code)


@pytest.mark.parametrize(("path", "name", "_"), PATHS)
def test_a_reset_begins_anew_but_keeps_what_is_there_now(master, path, name, _):
    kind = next(kind for kind, known in TALLIES if known == name)
    for cell in range(3):
        add(master, kind, name, cell, 7)
    assert call(master, "DELETE", f"/api/9/{path}/{name}") == (204, None)
    first = master.cells.tally(kind, name)
    left = [master.counted.total(first + cell) for cell in range(3)]
    assert left == {"server_zone": [7, 0, 0], "location_zone": [7, 0, 0], "cache": [7, 7, 7]}.get(
        kind, [0, 0, 0]
    )
