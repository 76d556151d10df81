"""The folder of one issuer: account, certificates, and what is shown to an authority that asks.

It belongs to the user of the children, and to nobody else. Every file is written as a whole or not
at all. Who changes something holds the lock: a second master, of an upgrade or of another machine
with the same folder, waits its turn.

    account.pem, account.json       the key of the account, and its URL
    NAME.pem                        the key and the chain of a certificate
    NAME.crt                        the chain alone, for programs that have no business with the key
    NAME.json                       what is known of it: tries, errors, when it is due
    http-01/TOKEN                   what a challenge is answered with
    tls-alpn-01/NAME.pem            the certificate that a validation is shown
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOCK = "lock"
HTTP = "http-01"
TLS_ALPN = "tls-alpn-01"
LARGEST = 1 << 20  # octets that are read of a file
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,256}")  # RFC 8555 §8.1: base64url, 128 bits at least
_NAME = re.compile(r"[a-z0-9_-][a-z0-9._:-]{0,252}")


class Folder:
    """The files below one path."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @contextlib.contextmanager
    def lock(self) -> Iterator[bool]:
        """Hold the lock if nobody else does; yield whether it is ours. Raises OSError."""
        with (self.path / LOCK).open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def read(self, name: str) -> bytes | None:
        """Return what is in a file, None where there is none. Raises OSError."""
        try:
            with (self.path / name).open("rb") as file:
                return file.read(LARGEST)
        except FileNotFoundError:
            return None

    def write(self, name: str, octets: bytes) -> None:
        """Put a file in place, readable for its owner alone. Raises OSError."""
        target = self.path / name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, fresh = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(octets)
                file.flush()
                os.fsync(file.fileno())
            Path(fresh).replace(target)
        except BaseException:
            Path(fresh).unlink(missing_ok=True)
            raise

    def read_json(self, name: str) -> dict[str, Any]:
        """Return what a file says, {} where there is none that makes sense."""
        try:
            found = json.loads(self.read(name) or b"{}")
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write_json(self, name: str, what: dict[str, Any]) -> None:
        """Write what a file is to say. Raises OSError."""
        self.write(name, json.dumps(what, indent=1, sort_keys=True).encode() + b"\n")

    def remove(self, name: str) -> None:
        """Remove a file that may be gone already."""
        with contextlib.suppress(OSError):
            (self.path / name).unlink()


def is_token(text: str) -> bool:
    """Say whether an authority's token can be the name of a file."""
    return bool(_TOKEN.fullmatch(text))


def http_answer(paths: tuple[str, ...], token: str) -> bytes | None:
    """Return what a token is answered with (RFC 8555 §8.3), None for one that we do not know."""
    if not is_token(token):
        return None
    return _first(paths, f"{HTTP}/{token}")


def validation(paths: tuple[str, ...], name: str) -> bytes | None:
    """Return key and certificate that a validation of a name is shown (RFC 8737 §3), or None."""
    if not _NAME.fullmatch(name):
        return None
    return _first(paths, f"{TLS_ALPN}/{name}.pem")


def _first(paths: tuple[str, ...], name: str) -> bytes | None:
    for path in paths:
        with contextlib.suppress(OSError):
            found = Folder(path).read(name)
            if found is not None:
                return found
    return None
