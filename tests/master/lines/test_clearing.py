"""`clear counters`, with and without `all`."""

from forkproxy.master import servers
from forkproxy.shared.scoreboard import Cell, PeerCell, Row, StandingCell, UpstreamCell, ZoneCell
from tests.support.administration import Master, tell, upstream
from tests.support.stat import stat


def busy():
    master = Master([("server_zone", "site")], upstreams=[upstream("app", "10.0.0.1:80")])
    keeper = master.cells.of(Row.KEEPER)
    zone, app = master.cells.tally("server_zone", "site"), master.cells.tally("upstream", "app")
    first = servers.one_of(master.roster, master.counted, "app", "#0").first
    for cell in (
        Cell.REQUEST_RATE_MOST,
        Cell.ACTIVE_MOST,
        zone + ZoneCell.ZONE_RATE_MOST,
        zone + ZoneCell.ZONE_RATE,
        app + UpstreamCell.UPSTREAM_MOST,
        first + PeerCell.PEER_RATE_MOST,
        first + PeerCell.PEER_UNHEALTHY,
    ):
        keeper.store(cell, 5)
    for cell in (
        Cell.REQUESTS,
        Cell.ACTIVE,
        zone + ZoneCell.ZONE_REQUESTS,
        zone + ZoneCell.ZONE_PROCESSING,
        first + PeerCell.PEER_REQUESTS,
        first + PeerCell.PEER_RESPONSE_MOST,
        first + PeerCell.PEER_CONNECTS,
    ):
        master.worker.add(cell, 5)
    master.cells.board.standing_store(first, StandingCell.STANDING_MOST, 5)
    return master


ROWS = (("http", "FRONTEND"), ("site", "FRONTEND"), ("app", "10.0.0.1:80"), ("app", "BACKEND"))


def shown(master, name):
    return [stat(master)[row][name] for row in ROWS]


def test_maxima_begin_anew_and_counters_stay():
    master = busy()
    assert shown(master, "smax") == ["5", "0", "5", "5"]
    tell(master, "clear counters")
    for name in ("smax", "rate_max", "ttime_max"):
        assert set(shown(master, name)) <= {"0", ""}
    assert shown(master, "req_tot") == ["5", "5", "5", "5"]


def test_with_all_counters_begin_anew_too_but_not_what_is_there_now():
    master = busy()
    tell(master, "clear counters all")
    for name in ("smax", "req_tot", "connect", "chkdown"):
        assert set(shown(master, name)) <= {"0", ""}
    assert shown(master, "scur")[:2] == ["5", "5"]
    assert shown(master, "rate")[1] == "5"
