"""LMDB: what must outlive a restart (`state`), and the responses kept (`cache`).

Two environments, because a write transaction shuts out the other writers of its environment.
Transactions begin and end here and nowhere else, so none ever spans a wait, and all that leaves
is copied. An environment is opened after the fork, never in the master: one that was inherited
seems to work, and corrupts. Its folder is private (0700): LMDB trusts what is in the file.

Only the keeper writes here. A wait for LMDB's write lock stops a whole process,
and no worker may take that risk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import lmdb

from forkproxy.errors import StoreError

LAYOUT = 1  # of keys and values; a cache of another layout is thrown away
STATE_SIZE = 64 * 1024 * 1024  # octets of address space; the file is sparse
READERS = 1022  # of all processes together

_kept_out = 0  # the process that must not open an environment


def keep_out() -> None:
    """Let this process open no environment; its children may. The master's first act."""
    global _kept_out
    _kept_out = os.getpid()


class Environment:
    """One open environment, for this process alone."""

    def __init__(self, folder: Path, size: int, *, durable: bool) -> None:
        """Open or make the environment in `folder`, of `size` octets for good.

        A durable one survives a crash of the machine with its last write; another may lose
        its last seconds. Raises StoreError.
        """
        if os.getpid() == _kept_out:
            raise StoreError("the master opens no store")
        self._path = folder
        try:
            private(folder)
            self._env = lmdb.open(
                str(folder),
                map_size=size,
                max_readers=READERS,
                writemap=not durable,
                sync=durable,
                max_spare_txns=1,
            )
        except (OSError, lmdb.Error) as error:
            raise StoreError(f'cannot open the store "{folder}": {error}') from error

    def get(self, key: bytes) -> bytes | None:
        """Return a copy of the value, or None."""
        try:
            with self._env.begin() as transaction:
                value: bytes | None = transaction.get(key)
                return value
        except lmdb.Error as error:
            raise self._failed(error) from error

    def items(self, prefix: bytes) -> list[tuple[bytes, bytes]]:
        """Return all keys that begin so, with their values, in order."""
        found = []
        try:
            with self._env.begin() as transaction, transaction.cursor() as cursor:
                more = cursor.set_range(prefix)
                while more and cursor.key().startswith(prefix):
                    found.append((bytes(cursor.key()), bytes(cursor.value())))
                    more = cursor.next()
        except lmdb.Error as error:
            raise self._failed(error) from error
        return found

    def change(self, put: Mapping[bytes, bytes], delete: Iterable[bytes] = ()) -> None:
        """Store and delete, all of it or nothing."""
        try:
            with self._env.begin(write=True) as transaction:
                for key in delete:
                    transaction.delete(key)
                for key, value in put.items():
                    transaction.put(key, value)
        except lmdb.Error as error:
            raise self._failed(error) from error

    def forget_dead_readers(self) -> int:
        """Free what readers that were killed still hold; return how many there were."""
        try:
            return int(self._env.reader_check())
        except lmdb.Error as error:
            raise self._failed(error) from error

    def close(self) -> None:
        """Close it; nothing that was read from it is touched by that."""
        self._env.close()

    def _failed(self, error: lmdb.Error) -> StoreError:
        return StoreError(f'the store "{self._path}": {error}')


def has_state(folder: Path) -> bool:
    """Tell whether an earlier run has left anything below `folder`; it may be for its user only."""
    return (folder / f"state-{LAYOUT}" / "data.mdb").exists()


def open_state(folder: Path) -> Environment:
    """Open what must outlive a restart, below `folder`."""
    return Environment(folder / f"state-{LAYOUT}", STATE_SIZE, durable=True)


def open_cache(folder: Path, size: int) -> Environment:
    """Open the cache of so many octets below `folder`; one of another size or layout goes."""
    name = f"cache-{LAYOUT}-{size}"
    for other in folder.glob("cache-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return Environment(folder / name, size, durable=False)


def private(folder: Path) -> None:
    """Make a folder that only we may enter; raises OSError, also where it is another user's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user")
    folder.chmod(0o700)
