"""What has happened of late: changes of state, reloads, deaths, orders, purges.

Each has a number, one more than the last: who asks again says what he has seen already. They are
this master's, and the oldest are forgotten.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from forkproxy.master.facts import iso

MOST = 1000
KINDS = ("master", "peer", "cache", "certificate", "ban")


class Happenings:
    """The last of them."""

    def __init__(self) -> None:
        self._rows: deque[dict[str, Any]] = deque(maxlen=MOST)
        self._number = 0

    def note(self, kind: str, text: str, at: float) -> None:
        """Take note of one, at `at` in wall time; `kind` is one of KINDS."""
        self._number += 1
        self._rows.append({"number": self._number, "at": iso(at), "kind": kind, "text": text})

    def since(self, number: int, kind: str = "") -> list[dict[str, Any]]:
        """Return those that came after a number, the oldest first; of one kind, or of all."""
        return [row for row in self._rows if row["number"] > number and kind in ("", row["kind"])]
