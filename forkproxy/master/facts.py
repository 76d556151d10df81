"""What is known of the master itself, and how its answers write instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """One look at the master.

    Instants are wall time in seconds. `workers` are (slot, pid, row, generation) of those that
    live and are not told to end. `reloaded`: whether the last reload, if any, came off.
    """

    pid: int
    ppid: int
    generation: int
    respawned: int
    began_at: float
    loaded_at: float
    now: float
    listens: tuple[str, ...] = ()
    workers: tuple[tuple[int, int, int, int], ...] = ()
    worker_connections: int = 0
    reloaded: bool = True


def iso(at: float) -> str:
    """Write an instant as ISO 8601 with milliseconds: 2026-06-28T11:15:44.467Z."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
