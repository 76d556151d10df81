"""Health checks in HAProxy's lines: what the last one found, and whether any are made."""

from __future__ import annotations

from typing import Any

from forkproxy.master.lines.target import done, server_of
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.servers import Server
from forkproxy.shared.outcome import TEXTS, Outcome
from forkproxy.shared.scoreboard import PeerCell, Row

NO_CHECK = "Health check was not configured on this server, cannot enable."
NO_AGENT = "Agent was not configured on this server, cannot enable."
# How `show servers state` says it.
INITIALIZING, PASSED, FAILED = 1, 3, 2
CONFIGURED, ENABLED = 2, 4


def disable_health(line: Line) -> Reply | None:
    """`disable health be/srv`: what was found last stays."""
    return _suspend(line, unchecked=True)


def enable_health(line: Line) -> Reply | None:
    """`enable health be/srv`: check it again."""
    return _suspend(line, unchecked=False)


def _suspend(line: Line, *, unchecked: bool) -> Reply | None:
    server = server_of(line, 2)
    roster = line.master.roster
    if roster.upstreams()[server.upstream].checks:
        roster.check(server.upstream, server.member, unchecked=unchecked)
    elif not unchecked:
        raise Refused(NO_CHECK, "")
    return done(line)


def disable_agent(line: Line) -> Reply:
    """`disable agent be/srv`: there is none."""
    server_of(line, 2)
    return Reply()


def enable_agent(line: Line) -> Reply:
    """`enable agent be/srv`: there is none to enable."""
    server_of(line, 2)
    raise Refused(NO_AGENT, "")


def age(line: Line, server: Server) -> int:
    """Return for how many seconds a server has been as it is."""
    board, column = line.master.counted.cells.board, server.first + PeerCell.PEER_CHANGED_AT
    facts = line.master.facts()
    changed_at = max(board.value(row, column) for row in (Row.MASTER, Row.KEEPER)) / 1000.0
    return max(0, int(facts.now - max(facts.began_at, changed_at)))


def _cell(line: Line, server: Server, cell: PeerCell) -> int:
    return line.master.counted.cells.board.value(Row.KEEPER, server.first + cell)


def _outcome(line: Line, server: Server) -> Outcome:
    return Outcome(_cell(line, server, PeerCell.PEER_CHECK_OUTCOME))


def columns(line: Line, server: Server) -> dict[str, Any]:
    """Return what a row of `show stat` says of a server's checks."""
    found: dict[str, Any] = {"lastchg": age(line, server)}
    outcome = _outcome(line, server)
    if outcome is Outcome.NONE:
        return found
    health, rise, fall = (
        _cell(line, server, cell)
        for cell in (
            PeerCell.PEER_CHECK_HEALTH,
            PeerCell.PEER_CHECK_RISE,
            PeerCell.PEER_CHECK_FALL,
        )
    )
    found |= {
        "check_status": outcome.name,
        "check_duration": _cell(line, server, PeerCell.PEER_CHECK_TIME),
        "check_desc": TEXTS[outcome],
        "check_rise": rise,
        "check_fall": fall,
        "check_health": health,
    }
    if code := _cell(line, server, PeerCell.PEER_CHECK_CODE):
        found["check_code"] = code
    if server.state == "up" and rise <= health < rise + fall - 1:
        found["status"] = f"UP {health - rise + 1}/{fall}"
    elif server.state == "unhealthy" and 0 < health < rise:
        found["status"] = f"DOWN {health}/{rise}"
    return found


def state(line: Line, server: Server) -> tuple[int, int, int, int]:
    """Return status, result, health and state of the checks, as `show servers state` has them."""
    outcome = _outcome(line, server)
    roster = line.master.roster
    configured = bool(roster.upstreams()[server.upstream].checks)
    flags = CONFIGURED * configured | ENABLED * roster.checked(server.upstream, server.member)
    if outcome is Outcome.NONE:
        return INITIALIZING, 0, 2, flags
    health = _cell(line, server, PeerCell.PEER_CHECK_HEALTH)
    return outcome, PASSED if outcome.passed else FAILED, health, flags
