"""Findings: what the keeper has found out of peers, for every worker to see, and over a restart.

One judge writes them, so workers cannot disagree. They are kept apart from what an administrator
has ordered: a check never undoes an order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from forkproxy import clock
from forkproxy.shared.cells import Cells
from forkproxy.shared.environment import Environment
from forkproxy.shared.errorlog import Level
from forkproxy.shared.outcome import Outcome
from forkproxy.shared.scoreboard import Finding, Order, PeerCell, Row, StandingCell
from forkproxy.shared.store import open_state
from forkproxy.upstream.member import cells_name
from forkproxy.upstream.peer import Peer
from forkproxy.upstream.upstream import Upstream

PREFIX = b"finding/"
_BAD = (Finding.FINDING_UNHEALTHY, Finding.FINDING_EJECTED)


class Findings:
    """The keeper's cells of all peers."""

    def __init__(
        self, cells: Cells, tell: Callable[[Level, str], None] = lambda _level, _text: None
    ) -> None:
        """`tell` is told of each verdict that is new, in words."""
        self.tell = tell
        self._cells = cells

    def first(self, upstream: Upstream, peer: Peer) -> int:
        """Return the first column of a peer."""
        return self._cells.peer(cells_name(upstream.name, peer.member))

    def value(self, first: int, cell: PeerCell) -> int:
        """Return one of our cells of a peer."""
        return self._cells.board.value(self._cells.row, first + cell)

    def standing(self, first: int, cell: StandingCell) -> int:
        """Return one of the cells of a peer that choices look at."""
        return self._cells.board.standing_value(first, cell)

    def wanted(self, upstream: Upstream, peer: Peer) -> bool:
        """Whether it is to be checked: what is down needs no check."""
        first = self.first(upstream, peer)
        if self._cells.board.value(Row.MASTER, first + PeerCell.PEER_UNCHECKED):
            return False
        order = self.standing(first, StandingCell.STANDING_ORDER)
        if order == Order.ORDER_READY:
            return not peer.member.server.down
        return order != Order.ORDER_DOWN

    def forgive(self, first: int) -> None:
        """Let a peer's bad answers begin anew."""
        self._cells.board.standing_store(first, StandingCell.STANDING_BAD_IN_A_ROW, 0)

    def checked(self, first: int, *, passed: bool) -> None:
        """Count one check."""
        self._cells.add(first + PeerCell.PEER_CHECKS)
        self._cells.board.standing_store(first, StandingCell.STANDING_CHECKED, 1)
        self._cells.add(first + PeerCell.PEER_CHECK_FAILS, int(not passed))
        self._cells.store(first + PeerCell.PEER_LAST_PASSED, int(passed))

    def examined(self, first: int, outcome: Outcome, code: int, took: int) -> None:
        """Write down how the last check came out; it took so many milliseconds."""
        self._cells.store(first + PeerCell.PEER_CHECK_OUTCOME, outcome)
        self._cells.store(first + PeerCell.PEER_CHECK_CODE, code)
        self._cells.store(first + PeerCell.PEER_CHECK_TIME, took)

    def progress(self, first: int, health: int, rise: int, fall: int) -> None:
        """Write down how far a peer is from the other verdict."""
        self._cells.store(first + PeerCell.PEER_CHECK_HEALTH, health)
        self._cells.store(first + PeerCell.PEER_CHECK_RISE, rise)
        self._cells.store(first + PeerCell.PEER_CHECK_FALL, fall)

    def finding(self, first: int) -> Finding:
        """Return what holds of a peer."""
        return Finding(self.standing(first, StandingCell.STANDING_FINDING))

    def find(self, first: int, finding: Finding) -> bool:
        """Let this hold of a peer from now on; return whether that is new."""
        before = self.finding(first)
        if before is finding:
            return False
        now = int(clock.wall() * 1000)
        self._cells.store(first + PeerCell.PEER_CHANGED_AT, now)
        down_at = self.value(first, PeerCell.PEER_DOWN_AT)
        if finding in _BAD:
            counter = PeerCell.PEER_UNHEALTHY
            if finding is Finding.FINDING_EJECTED:
                counter = PeerCell.PEER_EJECTIONS
            self._cells.add(first + counter)
            if not down_at:
                self._cells.store(first + PeerCell.PEER_DOWN_AT, now)
        elif down_at:
            self._cells.add(first + PeerCell.PEER_DOWNTIME, max(0, now - down_at))
            self._cells.store(first + PeerCell.PEER_DOWN_AT, 0)
            moment = int(clock.monotonic() * 1000)
            self._cells.board.standing_store(first, StandingCell.STANDING_UP_AT, moment)
        self._cells.board.standing_store(first, StandingCell.STANDING_FINDING, finding)
        return True


def kept(store: Environment) -> dict[str, int]:
    """Return what an earlier run has found, by the names of peers. Raises StoreError."""
    return {key[len(PREFIX) :].decode(): int(value) for key, value in store.items(PREFIX)}


def recall(folder: Path) -> dict[str, int]:
    """Return the same, for a process that reads nothing else of the store. Raises StoreError."""
    store = open_state(folder)
    try:
        return kept(store)
    finally:
        store.close()


def restore(known: Mapping[str, int], findings: Findings, upstreams: Iterable[Upstream]) -> None:
    """Go on with what an earlier run has found of peers that we know nothing of yet."""
    for upstream in upstreams:
        for peer in upstream.peers:
            first = findings.first(upstream, peer)
            number = known.get(cells_name(upstream.name, peer.member), 0)
            fresh = not findings.value(first, PeerCell.PEER_CHECKS)
            if number in _BAD and fresh and findings.finding(first) is Finding.FINDING_UP:
                findings.find(first, Finding(number))


def save(store: Environment, cells: Cells) -> None:
    """Write what has changed. Raises StoreError."""
    known = kept(store)
    put: dict[bytes, bytes] = {}
    delete: list[bytes] = []
    for name in cells.directory.peers():
        number = cells.board.standing_value(cells.peer(name), StandingCell.STANDING_FINDING)
        if number not in _BAD:
            number = Finding.FINDING_UP
        if number == known.get(name, Finding.FINDING_UP):
            continue
        if number == Finding.FINDING_UP:
            delete.append(PREFIX + name.encode())
        else:
            put[PREFIX + name.encode()] = b"%d" % number
    if put or delete:
        store.change(put, delete)
