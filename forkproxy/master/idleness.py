"""How much of their time workers have nothing to do, by what the kernel says of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER = 11  # place of utime in /proc/PID/stat, behind the name; stime is the next


class Idleness:
    """Looks once a second.

    Attributes:
        percent: of the time between the last two looks, over all workers; 100 before the second.
    """

    def __init__(self) -> None:
        self.percent = 100
        self._used: dict[int, float] = {}  # seconds of processor time, by pid
        self._looked_at = 0.0

    def look(self, pids: Sequence[int], now: float) -> None:
        """See what these processes have used until `now`, in seconds."""
        used = {pid: used for pid in pids if (used := _used(pid)) is not None}
        known = [pid for pid in used if pid in self._used]
        passed = (now - self._looked_at) * len(known)
        if passed > 0:
            busy = sum(used[pid] - self._used[pid] for pid in known) / passed
            self.percent = min(100, max(0, round(100 - 100 * busy)))
        self._used, self._looked_at = used, now


def _used(pid: int) -> float | None:
    """Return the processor time of a process in seconds; None where it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return (int(fields[_USER]) + int(fields[_USER + 1])) / _TICKS
