"""What `show stat` says of upstreams and their peers."""

import pytest

from forkproxy import clock
from forkproxy.master import servers
from forkproxy.shared.scoreboard import Order, PeerCell, Row, StandingCell, UpstreamCell
from tests.support.administration import Master, server, upstream
from tests.support.stat import stat

ONE, TWO, ALL = ("app", "10.0.0.1:80"), ("app", "10.0.0.2:80"), ("app", "BACKEND")


@pytest.fixture
def master():
    lines = (server("10.0.0.1:80", weight=3, slow_start=1000.0), server("10.0.0.2:80", backup=True))
    master = Master(upstreams=[upstream("app", *lines)])
    master.first = servers.one_of(master.roster, master.counted, "app", "#0").first
    master.keeper = master.cells.of(Row.KEEPER)
    return master


def count(master, **cells):
    for name, value in cells.items():
        master.worker.add(master.first + PeerCell[f"PEER_{name.upper()}"], value)


def test_attempts_are_told_apart_by_how_they_went(master):
    count(master, requests=10, fails=3, connects=4, connect_fails=1, retries=1, redispatches=2)
    row = stat(master)[ONE]
    names = ("stot", "econ", "eresp", "connect", "reuse", "wretr", "wredis")
    assert [row[name] for name in names] == ["10", "1", "2", "4", "5", "1", "2"]
    whole = stat(master)[ALL]
    assert [whole[name] for name in names] == ["10", "1", "2", "4", "5", "1", "2"]


def test_times_are_averages_and_the_longest(master):
    count(master, connect_most=7, header_most=80, response_most=95)
    for name, value in (("CONNECT", 2_400), ("HEADER", 30_900), ("RESPONSE", 40_000)):
        master.keeper.store(master.first + PeerCell[f"PEER_{name}_TIME"], value)
    row = stat(master)[ONE]
    assert [row[name] for name in ("ctime", "rtime", "ttime")] == ["2", "30", "40"]
    assert [row[f"{name}_max"] for name in ("ctime", "rtime", "ttime")] == ["7", "80", "95"]
    assert stat(master)[ALL]["ttime_max"] == "95"


def test_an_upstream_is_followed_as_a_whole(master):
    first = master.cells.tally("upstream", "app")
    master.keeper.store(first + UpstreamCell.UPSTREAM_RATE_MOST, 12)
    master.keeper.store(first + UpstreamCell.UPSTREAM_QUEUE_TIME, 3_000)
    master.worker.store(first + UpstreamCell.UPSTREAM_WAITED_MOST, 90)
    row = stat(master)[ALL]
    assert (row["rate_max"], row["qtime"], row["qtime_max"]) == ("12", "3", "90")
    assert (row["algo"], row["slim"]) == ("roundrobin", "")


def test_a_backup_has_no_weight_while_there_is_somebody_else(master):
    assert (stat(master)[ALL]["weight"], stat(master)[ALL]["bck"]) == ("3", "1")
    one = servers.one_of(master.roster, master.counted, "app", "#0")
    servers.order(master.roster, master.counted, one, Order.ORDER_DOWN)
    assert stat(master)[ALL]["weight"] == "1"


def test_who_was_never_asked_says_so(master):
    assert stat(master)[ONE]["lastsess"] == stat(master)[ALL]["lastsess"] == "-1"
    now = master.facts().now
    selected_at = int((now - 5) * 1000)
    master.cells.board.standing_store(master.first, StandingCell.STANDING_SELECTED_AT, selected_at)
    assert stat(master)[ONE]["lastsess"] == stat(master)[ALL]["lastsess"] == "5"


def test_a_downtime_that_goes_on_is_counted_up_to_now(master):
    master.keeper.store(master.first + PeerCell.PEER_DOWNTIME, 2000)
    down_at = int((master.facts().now - 3) * 1000)
    master.keeper.store(master.first + PeerCell.PEER_DOWN_AT, down_at)
    assert stat(master)[ONE]["downtime"] == "5"


def test_a_slow_start_is_shown_in_percent_while_it_lasts(master):
    assert stat(master)[ONE]["throttle"] == ""
    up_at = int((clock.monotonic() - 250) * 1000)
    master.cells.board.standing_store(master.first, StandingCell.STANDING_UP_AT, up_at)
    assert stat(master)[ONE]["throttle"] in ("25", "26")
    assert stat(master)[TWO]["throttle"] == ""
