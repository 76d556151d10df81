"""Gathering what every child says of itself, for whoever asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

PATIENCE = 2.0  # seconds


@dataclass(slots=True)
class _Dump:
    missing: set[int]  # pids
    ends_at: float
    bare: bool
    texts: list[str] = field(default_factory=list)


class Dumps:
    """The dumps under way, by the client that asked."""

    def __init__(self) -> None:
        self._dumps: dict[int, _Dump] = {}

    def begin(self, client: int, pids: Iterable[int], now: float, *, bare: bool = False) -> None:
        """Wait for the words of these; `bare`: who says what is not shown."""
        self._dumps[client] = _Dump(set(pids), now + PATIENCE, bare)

    def add(self, client: int, pid: int, text: str) -> None:
        """Take the word of one."""
        dump = self._dumps.get(client)
        if dump is not None and pid in dump.missing:
            dump.missing.discard(pid)
            if not dump.bare:
                dump.texts.append(f"process {pid}\n{text}")
            elif text:
                dump.texts.append(text)

    def finished(self, now: float) -> list[tuple[int, str]]:
        """Return (client, text) of the dumps that are complete or too late, each once."""
        ended = [
            (client, dump)
            for client, dump in self._dumps.items()
            if not dump.missing or dump.ends_at <= now
        ]
        for client, dump in ended:
            del self._dumps[client]
            dump.texts += [f"process {pid} does not answer" for pid in sorted(dump.missing)]
        return [(client, "\n".join(dump.texts)) for client, dump in ended]
