"""forkproxy trust: let this machine believe what the authority of our own has signed.

Its root goes where the system keeps those of an administrator. Where that is not known, or not
allowed, it is said what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from forkproxy.cli.source import SEARCHED, find
from forkproxy.config.issuers import internal_path
from forkproxy.errors import ForkproxyError

ROOT = "root.crt"
BROWSERS = "Firefox, and Chromium on Linux, have stores of their own: import the file there, too."


class TrustError(ForkproxyError):
    """The root is not there, or cannot be installed."""


class Store(NamedTuple):
    """Where a system keeps an administrator's roots, and what makes it see a change."""

    folder: str
    command: tuple[str, ...]


STORES = (
    Store("/usr/local/share/ca-certificates", ("update-ca-certificates",)),  # Debian, Alpine
    Store("/etc/pki/ca-trust/source/anchors", ("update-ca-trust", "extract")),  # Fedora
    Store("/usr/share/pki/trust/anchors", ("update-ca-certificates",)),  # SUSE
    Store("/etc/ca-certificates/trust-source/anchors", ("trust", "extract-compat")),  # Arch
)


def run(options: argparse.Namespace) -> int:
    """Print, install or remove the root. Raises TrustError."""
    path = root_path(options)
    pem = read(path)
    if options.print:
        sys.stdout.write(pem.decode())
        return 0
    store = find_store(STORES)
    if store is None:
        raise TrustError(f"no store of this system is known; add {path} to it by hand")
    target = Path(store.folder, file_name(pem))
    if options.remove:
        done = remove(target, store.command)
        print(f"{target} is removed" if done else f"{target} was not there")
        return 0
    install(pem, target, store.command)
    print(f"{target} is installed: this system trusts it.\n{BROWSERS}")
    return 0


def root_path(options: argparse.Namespace) -> Path:
    """Return where the root of a configuration is."""
    source = find(options)
    if source is None:
        raise TrustError(f"no configuration is found ({', '.join(SEARCHED)}): give -c")
    return Path(internal_path(source.load().prefix), ROOT)


def read(path: Path) -> bytes:
    """Return the root, as PEM."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        hint = "it is made when forkproxy first serves `https auto` for a name that is not public"
        raise TrustError(f"there is no {path}: {hint}") from None
    except OSError as error:
        raise TrustError(f"{path}: {error.strerror}; are you root?") from None


def find_store(stores: Sequence[Store]) -> Store | None:
    """Return the store that this system has."""
    for store in stores:
        if Path(store.folder).is_dir() and shutil.which(store.command[0]):
            return store
    return None


def file_name(pem: bytes) -> str:
    """Return what the root is called in a store: no other root has this name."""
    return f"forkproxy-{hashlib.sha256(pem).hexdigest()[:12]}.crt"


def install(pem: bytes, target: Path, command: Sequence[str]) -> None:
    """Put a root into a store."""
    try:
        target.write_bytes(pem)
        target.chmod(0o644)
    except OSError as error:
        raise TrustError(f"{target}: {error.strerror}; are you root?") from None
    _update(command)


def remove(target: Path, command: Sequence[str]) -> bool:
    """Take a root out of a store; return whether it was there."""
    try:
        target.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise TrustError(f"{target}: {error.strerror}; are you root?") from None
    _update(command)
    return True


def _update(command: Sequence[str]) -> None:
    # One of STORES.
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        said = ended.stderr.strip() or ended.stdout.strip()
        raise TrustError(f"{' '.join(command)} ended with {ended.returncode}: {said}")
