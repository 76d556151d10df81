"""What the keeper knows of one certificate that it looks after.

It lies beside the certificate in the issuer's folder, so that a keeper goes on where the one before
ended.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forkproxy import clock
from forkproxy.acme import due
from forkproxy.acme.folder import Folder
from forkproxy.acme.managed import Managed
from forkproxy.shared.errorlog import log

Life = Callable[[bytes], tuple[float, float]]  # acme.keys.life: when a chain begins and ends


@dataclass(slots=True)
class Care:
    """One certificate. Instants are wall time, 0.0 for at once or never.

    Attributes:
        signer: the name of the issuer that signed what there is.
        renew_at: when it is to be renewed.
        next_at: before this nothing is tried, since tries have failed.
        ask_at: when its issuer is asked for its opinion (ARI).
    """

    managed: Managed
    folder: Folder
    signer: str = ""
    ends_at: float = 0.0
    renew_at: float = 0.0
    next_at: float = 0.0
    ask_at: float = math.inf
    failures: int = 0  # in a row, of one kind
    refused: bool = False  # the kind: an issuer was there, and said no
    error: str = ""
    withdraw: bool = False  # the one there is, once there is another
    looked_at: float = 0.0

    @property
    def name(self) -> str:
        return " ".join(self.managed.wanted.identifiers)

    @property
    def due_at(self) -> float:
        return max(self.next_at, self.renew_at)

    def chain(self) -> bytes | None:
        """Return what there is, as PEM."""
        try:
            return self.folder.read(f"{self.managed.wanted.name}.pem")
        except OSError:
            return None

    def look(self, life: Life) -> None:
        """Read of the file when it begins and ends."""
        self.looked_at = clock.wall()
        before = self.ends_at
        try:
            begins, self.ends_at = life(self.chain() or b"")
        except ValueError:
            self.ends_at = self.renew_at = 0.0
            return
        self.renew_at = due.renewal_at(self.name, begins, self.ends_at)
        if self.ends_at != before and self.managed.wanted.issuers[0].uri:
            self.ask_at = clock.wall()

    def recall(self, life: Life) -> None:
        """Take up what the keeper before us knew, and what there is."""
        known = self.folder.read_json(self._file)
        try:
            self.failures = int(known.get("failures", 0))
            self.next_at = float(known.get("next_at", 0.0))
            renew_at = float(known.get("renew_at", 0.0))
        except (TypeError, ValueError):
            self.failures, self.next_at, renew_at, known = 0, 0.0, 0.0, {}
        self.refused = bool(known.get("refused"))
        self.error = str(known.get("error", ""))
        self.signer = str(known.get("signer", ""))
        self.look(life)
        if renew_at and known.get("ends_at") == self.ends_at:
            self.renew_at = renew_at

    def note(self) -> None:
        """Write down what is known, for the next keeper."""
        known = {
            "identifiers": list(self.managed.wanted.identifiers),
            "signer": self.signer,
            "failures": self.failures,
            "refused": self.refused,
            "error": self.error,
            "next_at": self.next_at,
            "renew_at": self.renew_at,
            "ends_at": self.ends_at,
        }
        try:
            self.folder.write_json(self._file, known)
        except OSError as error:
            log.error(f'cannot write in "{self.folder.path}": {error.strerror}')

    def shown(self) -> dict[str, Any]:
        """Return what `status` shows."""
        return {
            "names": list(self.managed.wanted.identifiers),
            "issuer": self.signer or self.managed.issuer,
            "state": "failing" if self.error else "issued" if self.ends_at else "waiting",
            "expires": round(self.ends_at),
            "next_try": round(self.due_at),
            "error": self.error,
        }

    @property
    def _file(self) -> str:
        return f"{self.managed.wanted.name}.json"
