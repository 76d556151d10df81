"""Certificates as the master watches them: files that change, and days that run out.

Workers cannot read keys, since they have given their rights away: so a changed file is a reload,
which keeps what is unchanged and, where the new files do not fit each other, goes on with the old.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

INTERVAL = 5.0  # seconds between two looks at the files
WARNING = 14 * 86400.0  # seconds before its end that a certificate is warned of
AGAIN = 86400.0  # seconds until the next warning


class Files(Protocol):
    """Where a certificate and its key were read."""

    @property
    def names(self) -> tuple[str, str]: ...
    def changed(self) -> bool:
        """Whether the files are others than those that were read."""

    def now(self) -> object:
        """What the files are like at this moment, to be compared."""


class Certificate(Protocol):
    """What is shown in handshakes; `state` is its Files where it came out of files."""

    @property
    def name(self) -> str: ...
    @property
    def expires(self) -> float: ...
    @property
    def state(self) -> Any: ...


class Watch:
    """What was seen of the certificates of the generation that serves."""

    def __init__(self) -> None:
        self._looked_at = 0.0  # monotonic
        self._warned_at = 0.0  # wall
        self._tried: dict[str, object] = {}  # what a reload has met already, good or not

    def changed(self, certificates: Sequence[Certificate], now: float) -> str:
        """Return the name of a certificate whose files have changed since the last look, or ""."""
        if now - self._looked_at < INTERVAL:
            return ""
        self._looked_at = now
        found = ""
        for certificate in certificates:
            files: Files | None = certificate.state
            if files is None or not files.changed():
                continue
            state = files.now()
            if self._tried.get(certificate.name) != state:
                self._tried[certificate.name] = state
                found = found or certificate.name
        return found

    def warnings(self, certificates: Sequence[Certificate], wall: float) -> list[str]:
        """Return a line for each certificate that ends soon, once a day."""
        if wall - self._warned_at < AGAIN:
            return []
        self._warned_at = wall
        return [
            f'certificate "{one.name}" {_ends(one.expires, wall)}'
            for one in certificates
            if one.expires - wall < WARNING
        ]


def _ends(expires: float, wall: float) -> str:
    if expires <= wall:
        return "has expired"
    return f"expires in {int((expires - wall) // 86400)} days"


def shown(
    certificates: Sequence[Certificate], managed: Sequence[dict[str, Any]], wall: float
) -> list[dict[str, Any]]:
    """Return what `status` shows of them, the first to end first.

    `managed` is what the keeper says of those that it looks after.
    """
    rows = [
        {**_life(one.name, one.expires, wall), "issuer": "", "state": "file"}
        for one in certificates
    ]
    rows += [{**_life(", ".join(one["names"]), one["expires"], wall), **one} for one in managed]
    return sorted(rows, key=lambda row: int(row["expires"]))


def _life(name: str, expires: float, wall: float) -> dict[str, Any]:
    days = int((expires - wall) // 86400) if expires else 0
    return {"name": name, "expires": round(expires), "days": days}
