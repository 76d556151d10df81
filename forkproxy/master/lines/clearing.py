"""`clear counters`: maxima begin anew, and with `all` everything that is counted."""

from __future__ import annotations

from collections.abc import Iterable

from forkproxy.master.counted import Counted
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Reply
from forkproxy.shared.scoreboard import (
    CacheCell,
    Cell,
    PeerCell,
    Row,
    SslCell,
    StandingCell,
    UpstreamCell,
    ZoneCell,
)

# The most there ever was, written by workers or the keeper.
MOST = (Cell.CONNECTION_RATE_MOST, Cell.REQUEST_RATE_MOST, Cell.ACTIVE_MOST)
ZONE_MOST = (ZoneCell.ZONE_RATE_MOST, ZoneCell.ZONE_MOST)
PEER_MOST = (
    PeerCell.PEER_CONNECT_MOST,
    PeerCell.PEER_HEADER_MOST,
    PeerCell.PEER_RESPONSE_MOST,
    PeerCell.PEER_RATE_MOST,
)
UPSTREAM_MOST = (
    UpstreamCell.UPSTREAM_WAITED_MOST,
    UpstreamCell.UPSTREAM_QUEUED_MOST,
    UpstreamCell.UPSTREAM_RATE_MOST,
    UpstreamCell.UPSTREAM_MOST,
)
# What only adds up.
ZONE_COUNTED = tuple(range(ZoneCell.ZONE_REQUESTS, ZoneCell.ZONE_CODES)) + tuple(
    range(ZoneCell.ZONE_HANDSHAKES, ZoneCell.ZONE_RATE)
)
PEER_COUNTED = (
    *range(PeerCell.PEER_REQUESTS, PeerCell.PEER_CODES),
    PeerCell.PEER_CONNECTS,
    PeerCell.PEER_CONNECT_FAILS,
    PeerCell.PEER_CONNECT_SUM,
    PeerCell.PEER_HEADER_SUM,
    PeerCell.PEER_RETRIES,
    PeerCell.PEER_REDISPATCHES,
)
PEER_FOUND = (
    PeerCell.PEER_CHECKS,
    PeerCell.PEER_CHECK_FAILS,
    PeerCell.PEER_UNHEALTHY,
    PeerCell.PEER_EJECTIONS,
    PeerCell.PEER_DOWNTIME,
)
CACHE_COUNTED = tuple(range(CacheCell.CACHE_HIT, CacheCell.CACHE_BYPASS_BYTES_WRITTEN + 1))


def clear_counters(line: Line) -> Reply:
    """Begin anew with what was the most; `all`: with all that is counted too."""
    counted = line.master.counted
    _forget_most(counted)
    if line.word(2) == "all":
        _reset(counted)
    return Reply()


def _forget_most(counted: Counted) -> None:
    board = counted.cells.board
    for column in MOST:
        board.forget_most(column)
    for kind, cells in (("server_zone", ZONE_MOST), ("upstream", UPSTREAM_MOST)):
        for first in _firsts(counted, kind):
            for cell in cells:
                board.forget_most(first + cell)
    for name in counted.cells.directory.peers():
        first = counted.cells.peer(name)
        board.standing_store(first, StandingCell.STANDING_MOST, 0)
        for peer_cell in PEER_MOST:
            board.forget_most(first + peer_cell)
    counted.forget_paces()


def _reset(counted: Counted) -> None:
    counted.reset([Cell.ACCEPTED, Cell.HANDLED, Cell.REQUESTS])
    for first in _firsts(counted, "server_zone"):
        counted.reset(first + cell for cell in ZONE_COUNTED)
        counted.reset_statuses(first + ZoneCell.ZONE_CODES)
    for first in _firsts(counted, "upstream"):
        counted.reset([first + UpstreamCell.UPSTREAM_OVERFLOWS])
    for first in _firsts(counted, "cache"):
        counted.reset(first + cell for cell in CACHE_COUNTED)
    for first in _firsts(counted, "ssl"):
        counted.reset(first + cell for cell in SslCell)
    for name in counted.cells.directory.peers():
        first = counted.cells.peer(name)
        counted.reset(first + cell for cell in PEER_COUNTED)
        counted.reset_statuses(first + PeerCell.PEER_CODES)
        counted.reset_values(Row.KEEPER, (first + cell for cell in PEER_FOUND))


def _firsts(counted: Counted, kind: str) -> Iterable[int]:
    directory = counted.cells.directory
    return [directory.tally(kind, name) for name in directory.tallies(kind)]
