"""What `status` and `workers` show: plain data, out of the situation and the scoreboard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from forkproxy import __version__
from forkproxy.config.settings import ProcessSettings
from forkproxy.master import turns
from forkproxy.master.decisions.situation import Child, Situation
from forkproxy.shared.cells import Cells
from forkproxy.shared.scoreboard import Cell, Order, PeerCell, Row, StandingCell

_TOTALS = {
    "accepted": (Cell.ACCEPTED, Cell.KEPT_ACCEPTED),
    "handled": (Cell.HANDLED, Cell.KEPT_HANDLED),
    "requests": (Cell.REQUESTS, Cell.KEPT_REQUESTS),
    "respawns": (Cell.RESPAWNS, Cell.KEPT_RESPAWNS),
}
_NOW = {
    "active": Cell.ACTIVE,
    "reading": Cell.READING,
    "writing": Cell.WRITING,
    "waiting": Cell.WAITING,
}
_ORDERS = {
    Order.ORDER_READY: "ready",
    Order.ORDER_DRAIN: "drain",
    Order.ORDER_DOWN: "down",
    Order.ORDER_UP: "ready",
}


def workers(situation: Situation, cells: Cells, now: float) -> list[dict[str, Any]]:
    """Return one row for each worker, by generation and slot."""
    found = situation.all_workers()
    found.sort(key=lambda child: (child.spawn.generation, child.spawn.slot, child.pid))
    return [_worker(child, cells, now) for child in found]


def _worker(child: Child, cells: Cells, now: float) -> dict[str, Any]:
    row = child.spawn.row
    taken = turns.of_row(cells.board, row)
    return {
        "slot": child.spawn.slot,
        "pid": child.pid,
        "state": child.stage.value,
        "generation": child.spawn.generation,
        "age": round(now - child.born, 1),
        "connections": cells.board.value(row, Cell.ACTIVE),
        "requests": cells.board.value(row, Cell.REQUESTS) - child.requests_before,
        "turn_p999_ms": taken["p99.9"] / 1000,
        "turn_longest_ms": taken["longest"] / 1000,
    }


def peers(cells: Cells, removed: Collection[str] = ()) -> dict[str, Any]:
    """Return the orders and counts of each peer; of those removed where they have work in hand."""
    shown = {
        peer: {
            "order": _ORDERS[Order(cells.board.standing_value(first, StandingCell.STANDING_ORDER))],
            "active": cells.board.total(first + PeerCell.PEER_ACTIVE),
            "requests": cells.board.total(first + PeerCell.PEER_REQUESTS),
            "fails": cells.board.total(first + PeerCell.PEER_FAILS),
        }
        for peer in cells.directory.peers()
        for first in [cells.peer(peer)]
    }
    return {peer: said for peer, said in shown.items() if said["active"] or peer not in removed}


def totals(cells: Cells) -> dict[str, int]:
    """Return what was counted since the master began."""
    return {name: cells.board.total(cell) for name, (cell, _) in _TOTALS.items()}


def lifetime(cells: Cells) -> dict[str, int]:
    """Return the same, and what earlier runs had counted."""
    return {
        name: cells.board.total(cell) + cells.board.value(Row.KEEPER, kept)
        for name, (cell, kept) in _TOTALS.items()
    }


def status(
    situation: Situation,
    cells: Cells,
    *,
    pid: int,
    uptime: float,
    now: float,
    listens: list[str],
    settings: ProcessSettings | None = None,
    certificates: Sequence[dict[str, Any]] = (),
    removed: Collection[str] = (),
) -> dict[str, Any]:
    """Return all that `status` shows."""
    rows = workers(situation, cells, now)
    draining = Counter(
        row["generation"] for row in rows if row["generation"] != situation.generation
    )
    keepers = situation.keepers()
    return {
        "version": __version__,
        "pid": pid,
        "state": situation.state.value,
        "generation": situation.generation,
        "uptime": round(uptime, 1),
        "last_reload": situation.last_reload,
        "listens": " ".join(listens),
        "configuration": settings.conf_path if settings else "",
        "prefix": settings.prefix if settings else "",
        "read_at": settings.read_at if settings else 0.0,
        "keeper": keepers[-1].pid if keepers else 0,
        "connections": {name: cells.board.total(cell) for name, cell in _NOW.items()},
        "totals": totals(cells),
        "lifetime": lifetime(cells),
        "draining": {str(number): count for number, count in sorted(draining.items())},
        "peers": peers(cells, removed),
        "certificates": list(certificates),
        "workers": rows,
    }
