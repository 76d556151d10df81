"""A certificate that is looked after: each process has the file's content, and takes up a new one.

The keeper writes the file. Master and workers read it again when they are told to, so that new
certificates are shown without a reload; workers that are forked later inherit what the master has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from forkproxy.config.issuers import Wanted
from forkproxy.net.tls_certificate import Certificate, TlsError
from forkproxy.shared.errorlog import log


class Managed:
    """One wanted certificate.

    Attributes:
        certificate: what is shown; None until there is one.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.certificate: Certificate | None = None
        self._seen: tuple[int, int, int] | None = None

    @property
    def issuer(self) -> str:
        return self.wanted.issuers[0].name

    def refresh(self) -> bool:
        """Read the file where it is another than before; return whether it was.

        A file that makes no sense changes nothing: what we have is served on. Raises TlsError.
        """
        path = self.wanted.path
        try:
            status = os.stat(path)  # noqa: PTH116
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen == self._seen:
                return False
            octets = Path(path).read_bytes()
        except OSError:
            return False
        self._seen = seen
        self.certificate = Certificate(path, octets, path, octets)
        return True


def take_up(managed: Iterable[Managed]) -> None:
    """Read again what has changed; what makes no sense is a line of the log."""
    for one in managed:
        try:
            one.refresh()
        except TlsError as error:
            log.error(str(error))


class Shown:
    """The certificates that a server shows: called for each handshake with a TlsStream.

    `managed` is what it wants, the best first; `others` come out of files of the user's own.
    """

    def __init__(self, managed: Sequence[Managed], others: Sequence[Certificate] = ()) -> None:
        self.managed = tuple(managed)
        self._others = tuple(others)
        first, *rest = self.managed
        self._first = first
        # A name that the first does not have is one that only another can have.
        known = set(first.wanted.identifiers)
        self._elsewhere = {
            name.encode(): one
            for one in rest
            for name in one.wanted.identifiers
            if name not in known
        }

    @property
    def names(self) -> set[str]:
        """All that the certificates are for."""
        return {name for one in self.managed for name in one.wanted.identifiers}

    def __call__(self, stream: Any) -> tuple[Certificate, ...]:
        """Return the certificates for a handshake. Raises TlsError where there is none yet."""
        chosen = self._elsewhere.get(stream.server_name, self._first).certificate
        if chosen is None:
            chosen = next((one.certificate for one in self.managed if one.certificate), None)
        if chosen is not None:
            return (chosen, *self._others)
        if self._others:
            return self._others
        raise TlsError(f'no certificate has been issued yet by "{self._first.issuer}"')
