"""New certificates on their way into their files: made, looked at, committed or given up.

As on HAProxy's socket a certificate is put down first and takes effect when it is committed. It is
called by the name of its file, or of that of its key. Unlike there what is committed is in the
files, so that a restart shows it too; a reload reads them, and where it fails they are as before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from forkproxy.master.certificates import Certificate
from forkproxy.master.reply import Refused
from forkproxy.net.tls_certificate import Certificate as Loaded
from forkproxy.net.tls_certificate import TlsError
from forkproxy.net.tls_certificate_text import described, same_key

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its chain, and its key, as PEM; None: as it is in its file."""

    certificate: bytes | None = None
    key: bytes | None = None


def pair_of(pem: bytes) -> Pair:
    """Take PEM apart. Raises TlsError where nothing of use is in it."""
    certificates: list[bytes] = []
    keys: list[bytes] = []
    for block in BLOCK.finditer(pem):
        (keys if block[1].endswith(b"PRIVATE KEY") else certificates).append(block[0] + b"\n")
    certificates = [one for one in certificates if b"CERTIFICATE-----" in one.split(b"\n", 1)[0]]
    if not certificates and len(keys) != 1:
        raise TlsError("neither a certificate nor a key")
    made = Pair(b"".join(certificates) or None, b"".join(keys) or None)
    if made.certificate is not None:
        described(made.certificate)
    return made


class Transactions:
    """What was put down and not committed, by the file of the certificate."""

    def __init__(self) -> None:
        self._open: dict[str, Pair] = {}

    def names(self) -> list[str]:
        """Return which there are."""
        return list(self._open)

    def put(self, name: str, pem: bytes) -> bool:
        """Put something down; return whether there was something before. Raises TlsError."""
        made, before = pair_of(pem), self._open.get(name)
        self._open[name] = made if before is None else _merged(before, made)
        return before is not None

    def of(self, name: str) -> Pair:
        """Return what was put down. Raises Refused."""
        try:
            return self._open[name]
        except KeyError:
            raise Refused("No ongoing transaction!", "", 404) from None

    def abort(self, name: str) -> None:
        """Give it up. Raises Refused."""
        self.of(name)
        del self._open[name]

    def commit(self, name: str, key_name: str) -> dict[str, bytes]:
        """Write it into its files; return what they held before. Raises Refused, TlsError, OSError.

        What does not fit what is there stays put down, and nothing is written.
        """
        pair = self.of(name)
        before = {path: Path(path).read_bytes() for path in (name, key_name)}
        _check(name, key_name, pair, before)
        write(_contents(name, key_name, pair, before))
        del self._open[name]
        return before


def _merged(before: Pair, after: Pair) -> Pair:
    if after.certificate is None:
        return replace(before, key=after.key)
    return after if after.key is not None else replace(after, key=before.key)


def _check(name: str, key_name: str, pair: Pair, before: Mapping[str, bytes]) -> None:
    """Raise TlsError where certificate and key are not for each other."""
    certificate = pair.certificate or before[name]
    if pair.key is not None:
        Loaded(name, certificate, key_name, pair.key).fingerprint()
    elif not same_key(certificate, before[name]):
        raise TlsError(f'the certificate is not for the key in "{key_name}"')


def _contents(
    name: str, key_name: str, pair: Pair, before: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return what the files are to hold."""
    if name == key_name:
        there = pair_of(before[name])
        return {
            name: (pair.certificate or there.certificate or b"") + (pair.key or there.key or b"")
        }
    wanted = {name: pair.certificate, key_name: pair.key}
    return {path: content for path, content in wanted.items() if content is not None}


def write(contents: Mapping[str, bytes]) -> None:
    """Give files other contents, each in one step, and none before all are on disk.

    Their owners and modes stay. Raises OSError.
    """
    fresh: list[tuple[str, str]] = []
    try:
        for path, content in contents.items():
            whole = os.path.realpath(path)
            fresh.append((_beside(whole, content), whole))
        for made, whole in fresh:
            Path(made).rename(whole)
    finally:
        for made, _ in fresh:
            Path(made).unlink(missing_ok=True)


def _beside(path: str, content: bytes) -> str:
    """Write a file beside another, which nobody else may read that may not read that one."""
    made = f"{path}.{os.getpid()}"
    Path(made).unlink(missing_ok=True)
    like = os.stat(path)  # noqa: PTH116 (beside os.open)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, like.st_uid, like.st_gid)
        os.fchmod(descriptor, like.st_mode & 0o7777)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    return made


def files_of(certificates: Sequence[Certificate]) -> dict[str, str]:
    """Return the file of each certificate that came out of one, with that of its key."""
    return dict(one.state.names for one in certificates if one.state is not None)
