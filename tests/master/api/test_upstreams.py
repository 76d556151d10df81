import pytest

from forkproxy.config.directives.upstream import UpstreamZone
from forkproxy.shared.scoreboard import PeerCell, StandingCell, UpstreamCell
from forkproxy.upstream.member import Member
from forkproxy.upstream.upstream import Upstream
from tests.support.administration import WORKER_ROW, Master, call, server, upstream

A, B, C = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"
PATH = "/api/9/http/upstreams/api"
SERVERS = PATH + "/servers"


@pytest.fixture
def master():
    upstreams = [upstream("api", server(A, weight=5, max_conns=9), B), upstream("static", A)]
    zones = {"api": UpstreamZone("zone_one", queue=7), "static": UpstreamZone()}
    return Master(upstreams=upstreams, zones=zones)


def code(master, method, path, body=b""):
    status, data = call(master, method, path, body)
    return status, data["error"]["code"]


def lines(master):
    return [line["server"] for line in call(master, "GET", SERVERS)[1]]


def test_a_peer_has_plus_shape(master):
    first = master.cells.peer(f"api/{A}")
    board = master.cells.board
    for cell, count in (
        (PeerCell.PEER_REQUESTS, 4),
        (PeerCell.PEER_1XX + 1, 3),
        (PeerCell.PEER_CODES, (200 << 48) + 3),
        (PeerCell.PEER_BUCKETS, 2),
        (PeerCell.PEER_BUCKETS + 14, 1),
        (PeerCell.PEER_RESPONSE_SUM, 10_020),
    ):
        board.add(WORKER_ROW, first + cell, count)
    board.standing_store(first, StandingCell.STANDING_RESPONSE_TIME, 36)
    board.standing_store(first, StandingCell.STANDING_SELECTED_AT, 1_656_428_485_250)
    whole = master.cells.tally("upstream", "api")
    board.add(WORKER_ROW, whole + UpstreamCell.UPSTREAM_IDLE, 3)
    board.add(WORKER_ROW, whole + UpstreamCell.UPSTREAM_QUEUED, 2)
    board.add(WORKER_ROW, whole + UpstreamCell.UPSTREAM_OVERFLOWS, 5)
    status, data = call(master, "GET", PATH)
    assert status == 200
    assert data["keepalive"] == 3
    assert (data["zone"], data["zombies"]) == ("zone_one", 0)
    assert data["queue"] == {"size": 2, "max_size": 7, "overflows": 5}
    peer, other = data["peers"]
    assert (peer["id"], peer["server"], peer["name"], peer["state"]) == (0, A, A, "up")
    assert (peer["weight"], peer["max_conns"], peer["requests"]) == (5, 9, 4)
    assert peer["responses"]["codes"] == {"200": 3}
    assert peer["response_time"] == 36
    assert peer["response_time_hist"]["count"] == 3
    assert peer["response_time_hist"]["buckets"]["5"] == 2
    assert peer["response_time_hist"]["buckets"]["inf"] == 1
    assert peer["selected"] == "2022-06-28T15:01:25.250Z"
    assert peer["health_checks"] == {"checks": 0, "fails": 0, "unhealthy": 0}
    assert "response_time" not in other
    assert "max_conns" not in other


def test_only_upstreams_with_a_zone_are_shown(master):
    assert list(call(master, "GET", "/api/9/http/upstreams/")[1]) == ["api"]
    assert code(master, "GET", "/api/9/http/upstreams/static") == (404, "UpstreamNotFound")
    assert call(master, "GET", PATH + "?fields=zone") == (200, {"zone": "zone_one"})


def test_servers_are_shown_as_lines(master):
    status, (first, second) = call(master, "GET", SERVERS + "/")
    assert status == 200
    assert first == {
        "id": 0,
        "server": A,
        "weight": 5,
        "max_conns": 9,
        "max_fails": 1,
        "fail_timeout": "10s",
        "slow_start": "0s",
        "route": "",
        "backup": False,
        "down": False,
    }
    assert call(master, "GET", SERVERS + "/1/") == (200, second)


def test_a_server_is_added_changed_and_removed(master):
    status, made = call(master, "POST", SERVERS + "/", b'{"server": "10.0.0.3", "weight": 2}')
    assert status == 201
    assert (made["id"], made["server"], made["weight"]) == (2, C, 2)
    status, changed = call(master, "PATCH", SERVERS + "/2", b'{"max_fails": 3, "down": true}')
    assert (status, changed["max_fails"], changed["down"]) == (200, 3, True)
    status, left = call(master, "DELETE", SERVERS + "/2/")
    assert (status, [line["server"] for line in left]) == (200, [A, B])


def test_drain_begins_and_ends_in_both_ways(master):
    for undo in (b'{"drain": false}', b'{"down": false}'):
        status, line = call(master, "PATCH", SERVERS + "/0", b'{"drain": true}')
        assert (status, line["drain"]) == (200, True)
        assert call(master, "GET", PATH)[1]["peers"][0]["state"] == "draining"
        assert "drain" not in call(master, "PATCH", SERVERS + "/0", undo)[1]
        assert call(master, "GET", PATH)[1]["peers"][0]["state"] == "up"


def test_another_address_keeps_the_id(master):
    status, line = call(master, "PATCH", SERVERS + "/0", b'{"server": "10.0.0.3:80"}')
    assert (status, line["id"], line["server"]) == (200, 0, C)


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/api/9/http/upstreams/none", b"", (404, "UpstreamNotFound")),
        ("GET", "/api/9/http/upstreams/none/servers", b"", (404, "UpstreamNotFound")),
        ("POST", "/api/9/http/upstreams/static/servers", b"{}", (400, "UpstreamStatic")),
        ("GET", SERVERS + "/7", b"", (404, "UpstreamServerNotFound")),
        ("GET", SERVERS + "/x", b"", (400, "UpstreamBadServerId")),
        ("DELETE", SERVERS + "/7", b"", (404, "UpstreamServerNotFound")),
        ("POST", SERVERS, b"", (400, "BodyReadError")),
        ("POST", SERVERS, b'{"server": ', (415, "JsonError")),
        ("POST", SERVERS, b'{"server": "10.0.0.1:80"}', (409, "EntryExists")),
        ("POST", SERVERS, b'{"server": "app.example:80"}', (400, "UpstreamConfNoResolver")),
        ("POST", SERVERS, b'{"weight": 2}', (400, "UpstreamBadAddress")),
        ("POST", SERVERS, b'{"server": "10.0.0.3", "weight": 0}', (400, "UpstreamBadWeight")),
        ("POST", SERVERS, b'{"server": "10.0.0.3", "colour": 1}', (400, "UpstreamConfFormatError")),
        ("POST", SERVERS, b'{"server": "10.0.0.3", "service": "a"}', (400, "UpstreamBadService")),
        ("PATCH", SERVERS + "/0", b'{"weight": "x"}', (400, "UpstreamBadWeight")),
        ("PATCH", SERVERS + "/0", b'{"max_conns": -1}', (400, "UpstreamBadMaxConns")),
        ("PATCH", SERVERS + "/0", b'{"max_fails": "1"}', (400, "UpstreamBadMaxFails")),
        ("PATCH", SERVERS + "/0", b'{"fail_timeout": "x"}', (400, "UpstreamBadFailTimeout")),
        ("PATCH", SERVERS + "/0", b'{"slow_start": -1}', (400, "UpstreamBadSlowStart")),
        ("PATCH", SERVERS + "/0", b'{"route": 1}', (400, "UpstreamBadRoute")),
        ("PATCH", SERVERS + "/0", b'{"weight": 2, "drain": 1}', (400, "UpstreamConfFormatError")),
        ("PATCH", SERVERS + "/0", b'{"backup": true}', (400, "UpstreamServerImmutable")),
        ("PATCH", SERVERS + "/0", b'{"server": "10.0.0.2:80"}', (409, "EntryExists")),
        ("PUT", SERVERS + "/0", b"{}", (405, "MethodDisabled")),
    ],
)
def test_what_is_wrong_has_its_code_and_changes_nothing(master, method, path, body, expected):
    before = call(master, "GET", SERVERS)
    assert code(master, method, path, body) == expected
    assert call(master, "GET", SERVERS) == before
    assert (master.told, master.kept) == ([], {})


def test_a_method_without_backups_takes_none():
    zones = {"api": UpstreamZone("api", backups=False)}
    master = Master(upstreams=[upstream("api", A)], zones=zones)
    body = b'{"server": "10.0.0.3", "backup": true}'
    assert code(master, "POST", SERVERS, body) == (400, "UpstreamNoBackup")


def test_a_reset_counts_anew_and_orders_stay(master):
    first = master.cells.peer(f"api/{A}")
    master.cells.board.add(WORKER_ROW, first + PeerCell.PEER_REQUESTS, 4)
    call(master, "PATCH", SERVERS + "/0", b'{"drain": true}')
    assert call(master, "DELETE", PATH) == (204, None)
    peer = call(master, "GET", PATH)[1]["peers"][0]
    assert (peer["requests"], peer["state"]) == (0, "draining")


def test_the_last_server_is_taken_out_only_by_force(master):
    path = "/api/9/http/upstreams/static/servers/0"
    master.load(2, [upstream("static", A)], {"static": UpstreamZone("static")})
    for wanted in (b'{"down": true}', b'{"drain": true}'):
        assert code(master, "PATCH", path, wanted) == (409, "UpstreamLastServer")
    assert call(master, "PATCH", path + "?force=1", b'{"drain": true}')[1]["drain"]
    assert call(master, "DELETE", path) == (200, [])


def test_the_weight_of_what_a_service_has_is_that_of_its_record():
    name = Member(1, server("app.example:80", resolve=True, service="http"), "")
    made = Upstream("api", [Member(0, server(A), A), name])
    master = Master(upstreams=[made], zones={"api": UpstreamZone("z")})
    expected = (400, "UpstreamServerWeightImmutable")
    assert code(master, "PATCH", SERVERS + "/1", b'{"weight": 2}') == expected
