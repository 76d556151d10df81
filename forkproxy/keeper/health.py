"""Active health checks: made once for all workers, whose next pick sees the verdict."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from forkproxy import clock
from forkproxy.errors import PeerError
from forkproxy.keeper.findings import Findings
from forkproxy.net import probe, tasks
from forkproxy.net.dial import Address
from forkproxy.shared.errorlog import Level
from forkproxy.shared.outcome import Outcome, outcome_of
from forkproxy.shared.scoreboard import Finding, PeerCell
from forkproxy.upstream.check import BODY, Check
from forkproxy.upstream.peer import Peer
from forkproxy.upstream.upstream import Upstream


@dataclass(slots=True)
class Record:
    """How one peer has done in one check: outcomes in a row, and the verdict of them."""

    passes: int = 0
    fails: int = 0
    down: bool = False
    asking: bool = False

    def note(self, *, passed: bool, check: Check) -> None:
        """Take one outcome into account."""
        if passed:
            self.passes, self.fails = self.passes + 1, 0
            if self.passes >= check.settings.passes:
                self.down = False
        else:
            self.passes, self.fails = 0, self.fails + 1
            if self.fails >= check.settings.fails:
                self.down = True

    def health(self, check: Check) -> int:
        """Return how far it is: below `passes` it is down, and a failure or pass is a step."""
        rise, fall = check.settings.passes, check.settings.fails
        return min(self.passes, rise - 1) if self.down else rise + max(0, fall - 1 - self.fails)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one check has found.

    Attributes:
        objection: what is wrong with the peer, "" where nothing is.
        code: the status that it answered, 0 where there was none.
    """

    objection: str
    outcome: Outcome
    code: int = 0


class Health:
    """The checks of all upstreams of a generation."""

    def __init__(self, findings: Findings, upstreams: Sequence[Upstream]) -> None:
        self._findings = findings
        self._upstreams = upstreams
        self._records: dict[tuple[str, int, int], Record] = {}

    def begin(self) -> None:
        """Check from now on; what no check holds up any more is forgotten."""
        for upstream in self._upstreams:
            for peer in upstream.peers:
                self._begin(upstream, peer)
            for check in upstream.checks:
                tasks.spawn(f"health check of {upstream.name}", self._repeat, upstream, check)

    def _begin(self, upstream: Upstream, peer: Peer) -> None:
        first = self._findings.first(upstream, peer)
        mandatory = any(check.settings.mandatory for check in upstream.checks)
        if not upstream.checks:
            self._findings.examined(first, Outcome.NONE, 0, 0)
            if self._findings.finding(first) is not Finding.FINDING_EJECTED:
                self._findings.find(first, Finding.FINDING_UP)
        elif mandatory and not self._findings.value(first, PeerCell.PEER_CHECKS):
            # Nobody asks it yet. What was checked before a reload goes on as it was found.
            self._findings.find(first, Finding.FINDING_CHECKING)
        if self._findings.finding(first) is Finding.FINDING_UNHEALTHY:
            # What was found before us holds until our checks say otherwise.
            for index, _ in enumerate(upstream.checks):
                self._record(upstream, index, peer).down = True

    def _repeat(self, upstream: Upstream, check: Check) -> None:
        index = upstream.checks.index(check)
        while True:
            for peer in upstream.peers:
                record = self._record(upstream, index, peer)
                if not record.asking and self._findings.wanted(upstream, peer):
                    record.asking = True
                    tasks.spawn(f"check of {peer!r}", self._make, upstream, check, peer, record)
            tasks.sleep(check.settings.interval)

    def _record(self, upstream: Upstream, index: int, peer: Peer) -> Record:
        return self._records.setdefault((upstream.name, index, peer.member.id), Record())

    def _make(self, upstream: Upstream, check: Check, peer: Peer, record: Record) -> None:
        """Check one peer once."""
        try:
            if check.settings.jitter:
                tasks.sleep(random.uniform(0.0, check.settings.jitter))
            began_at = clock.monotonic()
            found = examine(check, peer)
            if not peer.dropped:
                took = int((clock.monotonic() - began_at) * 1000)
                first = self._findings.first(upstream, peer)
                self._findings.examined(first, found.outcome, found.code, took)
                self._judge(upstream, check, peer, record, found.objection)
        finally:
            record.asking = False

    def _judge(
        self, upstream: Upstream, check: Check, peer: Peer, record: Record, objection: str
    ) -> None:
        first = self._findings.first(upstream, peer)
        self._findings.checked(first, passed=not objection)
        record.note(passed=not objection, check=check)
        settings = check.settings
        self._findings.progress(first, record.health(check), settings.passes, settings.fails)
        records = [self._record(upstream, i, peer) for i, _ in enumerate(upstream.checks)]
        name = f'peer {peer.address.text.decode(errors="replace")} in upstream "{upstream.name}"'
        if any(one.down for one in records):
            if self._findings.find(first, Finding.FINDING_UNHEALTHY):
                text = f"{name} is unhealthy: {objection} in health check of {check.name}"
                self._findings.tell(Level.WARN, text)
        elif self._findings.finding(first) is not Finding.FINDING_EJECTED and all(
            one.passes for one in records
        ):
            before = self._findings.finding(first)
            if self._findings.find(first, Finding.FINDING_UP):
                was = before.name.removeprefix("FINDING_").lower()
                self._findings.tell(Level.NOTICE, f"{name} is healthy, was {was}")


def examine(check: Check, peer: Peer) -> Examined:
    """Ask one peer whether it works. Waits."""
    address = peer.address
    settings = check.settings
    if settings.port and not address.text.startswith(b"unix:"):
        host = address.text.decode().rpartition(":")[0]
        address = Address(host, settings.port)
    try:
        if settings.kind == "tcp":
            probe.reach(address, check.connect_timeout)
            return Examined("", Outcome.L4OK)
        most = BODY if check.reads_body else 0
        limits = (check.connect_timeout, check.timeout)
        greet = partial(check.greet, address=address)
        secure = check.secure is not None
        head, body = probe.ask(address, check.request, *limits, most, greet, secure=secure)
    except PeerError as error:
        return Examined(error.reason, outcome_of(error))
    objection = check.objection(head, body)
    return Examined(objection, Outcome.L7STS if objection else Outcome.L7OK, head.status)
