"""How long the turns of the workers' loops are, out of the scoreboard and the kernel's books.

All times are in microseconds. What a part of the turns takes less than is known to a quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forkproxy.net.turns import Length, Word, bound, part
from forkproxy.shared.scoreboard import Cell, Scoreboard

PARTS = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
_RUN, _DELAY = 0, 1  # words of schedstat


def of_row(board: Scoreboard, row: int) -> dict[str, Any]:
    """Return what the writer of a row has counted.

    `profile` is None unless turns are looked at closely; it counts turns without the time in which
    their thread could have run but had no processor.
    """
    words = board.row(row)[Cell.TURNS : Cell.FIXED_CELLS].tolist()
    shown = _shown(words[Word.TURNS : Word.TURNS + Length.PLACES])
    shown["time"] = words[Word.TURN_TIME]
    shown["longest"] = words[Word.LONGEST_TURN]
    for name in PARTS:
        shown[name] = min(shown[name], shown["longest"] + 1)
    shown["profile"] = None
    closely = _shown(words[Word.PROFILED_TURNS : Word.PROFILED_TURNS + Length.PLACES])
    if closely["turns"]:
        closely["time"] = words[Word.PROFILED_TIME]
        closely["run"] = words[Word.PROFILED_RUN]
        closely["delay"] = words[Word.PROFILED_DELAY]
        shown["profile"] = closely
    return shown


def _shown(counts: Sequence[int]) -> dict[str, Any]:
    return {
        "turns": sum(counts),
        **{name: part(counts, share) for name, share in PARTS.items()},
        "less_than": {str(bound(place)): count for place, count in enumerate(counts) if count},
    }


def spent(pid: int) -> tuple[int, int]:
    """Return how long the first thread of a process ran, and how long it had no processor.

    Both are 0 where the kernel does not say.
    """
    try:
        words = Path(f"/proc/{pid}/schedstat").read_text().split()
    except OSError:
        return 0, 0
    return int(words[_RUN]) // 1000, int(words[_DELAY]) // 1000
