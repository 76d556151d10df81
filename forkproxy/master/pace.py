"""How often something happens, as whoever looks once a second sees it."""

from __future__ import annotations


class Pace:
    """One count that grows.

    Attributes:
        now: by how much it grew in the last second.
        most: the most that this ever was.
    """

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self._count = 0
        self._looked_at: float | None = None

    def look(self, count: int, now: float) -> None:
        """Look at the count; less than before is one that began anew. `now` in seconds."""
        if self._looked_at is not None and now > self._looked_at:
            self.now = max(0, round((count - self._count) / (now - self._looked_at)))
            self.most = max(self.most, self.now)
        self._count, self._looked_at = count, now
