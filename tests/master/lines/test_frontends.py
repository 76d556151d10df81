"""What `show stat` says of what clients come to."""

from forkproxy.shared.scoreboard import CacheCell, Cell, Row, ZoneCell
from tests.support.administration import Master
from tests.support.stat import stat


def test_rates_and_maxima_are_those_the_keeper_saw():
    master = Master([("server_zone", "site")])
    keeper, first = master.cells.of(Row.KEEPER), master.cells.tally("server_zone", "site")
    for cell, value in ((Cell.CONNECTION_RATE, 3), (Cell.REQUEST_RATE_MOST, 40)):
        keeper.store(cell, value)
    keeper.store(first + ZoneCell.ZONE_RATE, 5)
    keeper.store(first + ZoneCell.ZONE_MOST, 6)
    rows = stat(master)
    everything, site = rows["http", "FRONTEND"], rows["site", "FRONTEND"]
    assert (everything["rate"], everything["conn_rate"], everything["req_rate_max"]) == (
        "3",
        "3",
        "40",
    )
    assert (site["req_rate"], site["smax"], site["conn_rate"]) == ("5", "6", "")


def test_what_was_dropped_at_once_and_what_caches_had_is_counted():
    master = Master([("cache", "pages")])
    first = master.cells.tally("cache", "pages")
    master.worker.add(Cell.ACCEPTED, 9)
    master.worker.add(Cell.HANDLED, 7)
    master.worker.add(first + CacheCell.CACHE_HIT, 3)
    master.worker.add(first + CacheCell.CACHE_MISS, 2)
    everything = stat(master)["http", "FRONTEND"]
    assert (everything["dcon"], everything["cache_lookups"], everything["cache_hits"]) == (
        "2",
        "5",
        "3",
    )
