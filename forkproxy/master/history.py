"""The configurations that this master has loaded: which of them served, and what they said.

The last few that served are kept as they were read, so that one of them can be served again when
the files have become something else.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from forkproxy.master.facts import iso

MOST = 64  # loads that are remembered
MOST_KEPT = 8  # different configurations whose text is kept


class State(Enum):
    """What became of a load."""

    LOADED = "loaded"  # its workers are on their way up
    SERVING = "serving"
    SERVED = "served"  # until another one did
    FAILED = "failed"


@dataclass(slots=True)
class Load:
    """One load.

    Attributes:
        number: of the generation.
        at: wall time.
        like: the generation whose configuration it has; 0: that of the files.
        digest: of all that the files said, "" where they could not be read.
        reason: why it failed.
    """

    number: int
    at: float
    like: int = 0
    digest: str = ""
    state: State = State.LOADED
    reason: str = ""


class History:
    """The loads of one master; those of the one before an upgrade are not among them."""

    def __init__(self) -> None:
        self._loads: list[Load] = []
        self._texts: dict[str, bytes] = {}  # packed, by digest, the last to serve last

    # What happens.

    def loaded(self, number: int, at: float, like: int, texts: Mapping[str, str]) -> None:
        """Take note that a generation is built of these texts, by the paths of files."""
        packed = json.dumps(dict(texts), sort_keys=True).encode()
        digest = hashlib.sha256(packed).hexdigest()[:12]
        self._remember(Load(number, at, like, digest))
        self._keep(digest, packed)

    def not_loaded(self, number: int, at: float, like: int, reason: str) -> None:
        """Take note that one could not be built."""
        self._remember(Load(number, at, like, "", State.FAILED, reason))

    def committed(self, number: int) -> None:
        """Take note that a generation serves."""
        for load in self._loads:
            if load.state is State.SERVING:
                load.state = State.SERVED
            if load.number == number:
                load.state = State.SERVING
                self._texts[load.digest] = self._texts.pop(load.digest)

    def retired(self, number: int, reason: str) -> None:
        """Take note that nobody runs a generation any more; it may never have served."""
        for load in self._loads:
            if load.number == number and load.state is State.LOADED:
                load.state, load.reason = State.FAILED, reason

    def _remember(self, load: Load) -> None:
        self._loads.append(load)
        if len(self._loads) > MOST:
            # Whatever fails meanwhile, what serves is known.
            del self._loads[1 if self._loads[0].state is State.SERVING else 0]

    def _keep(self, digest: str, packed: bytes) -> None:
        if digest not in self._texts:
            self._texts[digest] = zlib.compress(packed)
        serving = self._serving()
        needed = {digest, serving.digest if serving is not None else ""}
        for other in list(self._texts):
            if len(self._texts) > MOST_KEPT and other not in needed:
                del self._texts[other]

    # What is asked.

    def _serving(self) -> Load | None:
        return next((load for load in self._loads if load.state is State.SERVING), None)

    def held(self) -> int:
        """Return the generation to load like, so that what is served stays; 0: from the files.

        After a rollback the files say something else, which nobody has asked for yet.
        """
        serving = self._serving()
        return serving.number if serving is not None and serving.like else 0

    def previous(self) -> int:
        """Return the last generation that served another configuration than is served now.

        Raises KeyError where there is none that is kept.
        """
        serving = self._serving()
        for load in reversed(self._loads):
            other = serving is None or load.digest != serving.digest
            if load.state is State.SERVED and other and load.digest in self._texts:
                return load.number
        raise KeyError("no other configuration has served")

    def texts(self, number: int) -> dict[str, str]:
        """Return what the files of a generation that has served said. Raises KeyError."""
        for load in self._loads:
            if load.number == number and load.state in (State.SERVING, State.SERVED):
                if load.digest not in self._texts:
                    raise KeyError(f"what generation {number} had is not kept any more")
                found: dict[str, str] = json.loads(zlib.decompress(self._texts[load.digest]))
                return found
        raise KeyError(f"generation {number} has not served, or is not remembered")

    def rows(self) -> list[dict[str, Any]]:
        """Return all loads, the last first."""
        return [self._row(load) for load in reversed(self._loads)]

    def _row(self, load: Load) -> dict[str, Any]:
        kept = load.state in (State.SERVING, State.SERVED) and load.digest in self._texts
        row = {
            "generation": load.number,
            "loaded": iso(load.at),
            "state": load.state.value,
            "digest": load.digest,
            "kept": kept,
        }
        if load.like:
            row["like"] = load.like
        if load.reason:
            row["reason"] = load.reason
        return row
