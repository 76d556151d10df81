"""Certificates and keys out of files, or out of text; and those whose names have variables."""

from __future__ import annotations

import functools
import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from forkproxy import clock
from forkproxy.config.directives.tls import ObjectCache
from forkproxy.config.scope import Scope
from forkproxy.core.expressions import Expression
from forkproxy.core.making import Making
from forkproxy.net.tls_certificate import Certificate, TlsError

DATA = "data:"


def read_pem(name: str) -> bytes:
    """Return the PEM that a name stands for: a file's content, or what follows "data:".

    Raises TlsError in nginx's words.
    """
    if name.startswith(DATA):
        return name[len(DATA) :].encode()
    try:
        # FileIO: a Path, or a buffer, takes as long as the reading.
        with FileIO(name) as file:
            return file.readall()
    except OSError as error:
        raise TlsError(
            f'cannot load certificate "{name}": BIO_new_file() failed '
            f"({error.errno}: {error.strerror})"
        ) from None


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a certificate and its key, as they were when they were read."""

    names: tuple[str, str]
    state: list[tuple[int, int] | None]

    def now(self) -> list[tuple[int, int] | None]:
        """Return their state at this moment."""
        return _state(*self.names)

    def changed(self) -> bool:
        """Whether they are others now; while one is missing, nothing is said."""
        now = self.now()
        return now != self.state and None not in now


def read_once(name: str, making: Making) -> bytes:
    """As read_pem, once in each load: a FIFO may be read only once, and a list be long."""
    found = making.pems.get(name)
    if found is None:
        found = making.pems[name] = read_pem(name)
    return found


def certificate_once(
    name: str, key_name: str, passwords: Sequence[bytes], scope: Scope, making: Making
) -> Certificate:
    """Return a certificate, read once in each load. Raises TlsError."""
    which = (name, key_name, passwords)
    found: Certificate | None = making.certificates.get(which)
    if found is None:
        *_, main = scope.levels()
        inherit = main.value("ssl_object_cache_inheritable")
        read = inherit_certificate if inherit else read_certificate
        found = making.certificates[which] = read(name, key_name, passwords)
    return found


# What some generation that still runs has read.
_in_use: WeakValueDictionary[tuple[str, str], Certificate] = WeakValueDictionary()


def inherit_certificate(name: str, key_name: str, passwords: Sequence[bytes]) -> Certificate:
    """As read_certificate, but one that is in use is taken again where its files are the same.

    So a reload of ten thousand servers parses what has changed. As nginx's
    ssl_object_cache_inheritable, by the files' inodes and the second of their last change.
    """
    found = _in_use.get((name, key_name))
    files = Files((name, key_name), _state(name, key_name))
    if found is not None and found.state == files and None not in files.state:
        return found
    found = read_certificate(name, key_name, passwords)
    found.state = files if None not in files.state else None
    _in_use[name, key_name] = found
    return found


def read_certificate(name: str, key_name: str, passwords: Sequence[bytes]) -> Certificate:
    """Return a certificate with its chain and its key. Raises TlsError."""
    certificate = read_pem(name)
    try:
        key = read_pem(key_name)
    except TlsError as error:
        raise TlsError(str(error).replace("certificate", "certificate key", 1)) from None
    return Certificate(_shown(name), certificate, _shown(key_name), key, passwords)


def _shown(name: str) -> str:
    """Return a name fit for messages: a key that stands in the configuration is none."""
    return DATA + "…" if name.startswith(DATA) else name


@functools.lru_cache(maxsize=64)
def _lines(file: str, _changed: int) -> tuple[bytes, ...]:
    return tuple(line for line in Path(file).read_bytes().splitlines() if line)


def passwords(file: str) -> tuple[bytes, ...]:
    """Return the passwords in a file, one a line. Raises TlsError."""
    try:
        return _lines(file, Path(file).stat().st_mtime_ns)
    except OSError as error:
        raise TlsError(f'open() "{file}" failed ({error.errno}: {error.strerror})') from None


class ByName:
    """The certificates of one server whose names have variables: read for each handshake.

    Called with a TlsStream whose `asker` makes an exchange to evaluate the variables in. What
    was read is kept as ssl_certificate_cache says.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Expression, Expression]],
        folder: str,
        known: Sequence[bytes],
        cache: ObjectCache,
    ) -> None:
        self._pairs = pairs
        self._folder = folder
        self._passwords = known
        self._cache = CertificateCache(cache)

    def __call__(self, stream: Any) -> tuple[Certificate, ...]:
        """Return the certificates for a handshake. Raises TlsError."""
        return self.certificates(stream.asker())

    def certificates(self, exchange: Any) -> tuple[Certificate, ...]:
        """Return the certificates for an exchange; a pair with an empty name is left out."""
        return tuple(
            self._cache.get(name, key_name, self._passwords)
            for name, key_name in self.names(exchange)
            if name
        )

    def names(self, exchange: Any) -> tuple[tuple[str, str], ...]:
        """Return the names of certificates and keys for an exchange."""
        return tuple(
            (self._path(certificate(exchange)), self._path(key(exchange)))
            for certificate, key in self._pairs
        )

    def _path(self, name: bytes) -> str:
        text = os.fsdecode(name)
        if not text or text.startswith(DATA):
            return text
        return os.path.join(self._folder, text)  # noqa: PTH118 (kept as written)


class CertificateCache:
    """Certificates by the names of their files, the least recently used out first.

    As in nginx a certificate and its key are two of the `max` that are kept.
    """

    def __init__(self, settings: ObjectCache) -> None:
        self._settings = settings
        self._most = max(1, settings.most // 2)
        # Names to the certificate, when its files were looked at, when it was used, their state.
        self._kept: OrderedDict[tuple[str, str], tuple[Certificate, float, float, object]]
        self._kept = OrderedDict()

    def get(self, name: str, key_name: str, known: Sequence[bytes]) -> Certificate:
        """Return a certificate, out of memory where it may be. Raises TlsError."""
        settings = self._settings
        if settings.most == 0:
            return read_certificate(name, key_name, known)
        now = clock.monotonic()
        key = (name, key_name)
        kept = self._kept.pop(key, None)
        if kept is not None:
            certificate, looked_at, used_at, state = kept
            if now - used_at <= settings.inactive:
                if now - looked_at < settings.valid:
                    self._kept[key] = (certificate, looked_at, now, state)
                    return certificate
                if state == _state(name, key_name):
                    self._kept[key] = (certificate, now, now, state)
                    return certificate
        state = _state(name, key_name)
        certificate = read_certificate(name, key_name, known)
        if certificate.locked:
            return certificate  # as in nginx: who has no password gets none out of memory
        self._kept[key] = (certificate, now, now, state)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return certificate


def _state(*names: str) -> list[tuple[int, int] | None]:
    """Return what changes when one of the files does."""
    found: list[tuple[int, int] | None] = []
    for name in names:
        try:
            status = os.stat(name)  # noqa: PTH116 (names may be data:, long ones)
        except OSError:
            found.append(None)
        else:
            found.append((int(status.st_mtime), status.st_ino))
    return found
