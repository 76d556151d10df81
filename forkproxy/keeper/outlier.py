"""forkproxy_outlier_ejection: peers that fail again and again are left alone for a while.

Workers count the bad answers of a peer in a row, all of them together; here it is decided what
follows. A peer comes back by itself, and stays away longer each time.
"""

from __future__ import annotations

from collections.abc import Sequence

from forkproxy import clock
from forkproxy.config.directives.health import Ejection
from forkproxy.keeper.findings import Findings
from forkproxy.shared.errorlog import Level
from forkproxy.shared.scoreboard import Finding, PeerCell, StandingCell
from forkproxy.upstream.peer import Peer
from forkproxy.upstream.upstream import Upstream

MOST_TIMES = 10  # that the time of an ejection grows by


class Outliers:
    """The ejections of all upstreams of a generation."""

    def __init__(self, findings: Findings, upstreams: Sequence[Upstream]) -> None:
        self._findings = findings
        self._watched: list[tuple[Upstream, Ejection]] = []
        for upstream in upstreams:
            if upstream.ejection is not None:
                self._watched.append((upstream, upstream.ejection))
            else:
                self._forget(upstream)
        self._back_at: dict[int, float] = {}  # by a peer's first column; monotonic

    def look(self) -> None:
        """Eject who fails, and let those back whose time is over; several times a second."""
        for upstream, ejection in self._watched:
            peers = [(peer, self._findings.first(upstream, peer)) for peer in upstream.peers]
            self._let_back(ejection, [first for _, first in peers])
            for peer, first in peers:
                self._eject(upstream, ejection, peer, first)

    def _forget(self, upstream: Upstream) -> None:
        """Let those back that a generation before us has ejected, whose upstream ejects nobody."""
        for peer in upstream.peers:
            first = self._findings.first(upstream, peer)
            if self._findings.finding(first) is Finding.FINDING_EJECTED:
                self._findings.find(first, Finding.FINDING_UP)

    def _let_back(self, ejection: Ejection, firsts: Sequence[int]) -> None:
        now = clock.monotonic()
        for first in firsts:
            if self._findings.finding(first) is not Finding.FINDING_EJECTED:
                continue
            # One that a keeper before us has ejected has its time from now on.
            if self._back_at.setdefault(first, now + ejection.time) <= now:
                del self._back_at[first]
                self._findings.forgive(first)
                self._findings.find(first, Finding.FINDING_UP)

    def _eject(self, upstream: Upstream, ejection: Ejection, peer: Peer, first: int) -> None:
        bad = self._findings.standing(first, StandingCell.STANDING_BAD_IN_A_ROW)
        if bad < ejection.consecutive or self._findings.finding(first) is not Finding.FINDING_UP:
            return
        out = sum(
            self._findings.finding(self._findings.first(upstream, other)) is not Finding.FINDING_UP
            for other in upstream.peers
        )
        allowed = max(1, len(upstream.peers) * ejection.most // 100)
        if out >= min(allowed, len(upstream.peers) - 1):
            return
        times = min(MOST_TIMES, 1 + self._findings.value(first, PeerCell.PEER_EJECTIONS))
        self._back_at[first] = clock.monotonic() + ejection.time * times
        self._findings.find(first, Finding.FINDING_EJECTED)
        name = peer.address.text.decode(errors="replace")
        time = f"{ejection.time * times:g} s"
        self._findings.tell(
            Level.WARN,
            f'peer {name} in upstream "{upstream.name}" is ejected for {time}: '
            f"{bad} bad answers in a row",
        )
