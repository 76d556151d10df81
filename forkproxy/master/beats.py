"""Who has missed its beat.

Missed beats are counted in looks of the master, not in seconds: a machine that was suspended, or
a container that was frozen, stops both, and must not be found silent when it wakes.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOK = 1.0  # seconds between two looks
MOST_MISSED = 15


@dataclass(slots=True)
class _Pulse:
    last: int
    missed: int = 0


class Beats:
    """The beats of all children, by pid."""

    def __init__(self) -> None:
        self._pulses: dict[int, _Pulse] = {}

    def look(self, beats: dict[int, int]) -> list[int]:
        """Take what every child has counted; return the pids that have become silent, each once."""
        self._pulses = {
            pid: self._pulses.get(pid) or _Pulse(count - 1) for pid, count in beats.items()
        }
        for pid, pulse in self._pulses.items():
            pulse.missed = pulse.missed + 1 if pulse.last == beats[pid] else 0
            pulse.last = beats[pid]
        return [pid for pid, pulse in self._pulses.items() if pulse.missed == MOST_MISSED]
