"""LMDB: what must outlive a restart (`state`), and the responses kept (`cache`).

Two environments, because a write transaction shuts out the other writers of its environment.
Transactions begin and end here and nowhere else, so none ever spans a wait, and all that leaves
is copied. An environment is opened after the fork, never in the master: one that was inherited
seems to work, and corrupts. Its folder is private (0700): LMDB trusts what is in the file.

A wait for LMDB's write lock stops whoever waits: of the state only the keeper writes, of a cache
the keeper and one thread of each worker, never the thread that serves.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import lmdb

from forkproxy.errors import StoreError

LAYOUT = 1  # of keys and values; a cache of another layout is thrown away
STATE_SIZE = 64 * 1024 * 1024  # octets of address space; the file is sparse
RESERVE = 8 * 1024 * 1024  # octets of a cache's map that no entry takes, and one share of it
RESERVE_SHARE = 64
READERS = 1022  # of all processes together

_kept_out = 0  # the process that must not open an environment


def keep_out() -> None:
    """Let this process open no environment; its children may. The master's first act."""
    global _kept_out
    _kept_out = os.getpid()


class FullError(StoreError):
    """There is no room for what should be stored; what is there is good."""


class BrokenError(StoreError):
    """What is in the store makes no sense: it cannot be used any more."""


_BROKEN = (
    lmdb.CorruptedError,
    lmdb.PageNotFoundError,
    lmdb.PanicError,
    lmdb.InvalidError,
    lmdb.VersionMismatchError,
)


class Environment:
    """One open environment, for this process alone."""

    def __init__(self, folder: Path, size: int, *, durable: bool, tables: int = 0) -> None:
        """Open or make the environment in `folder`, of `size` octets for good.

        A durable one survives a crash of the machine with its last write; another may lose
        its last seconds. It may have named `tables`. Raises StoreError.
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
                # A map that is written to would end the process with SIGBUS on a full disk.
                writemap=False,
                sync=durable,
                max_spare_txns=8,
                max_dbs=tables,
            )
        except (OSError, lmdb.Error) as error:
            kind = BrokenError if isinstance(error, _BROKEN) else StoreError
            raise kind(f'cannot open the store "{folder}": {error}') from error

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
        kind = BrokenError if isinstance(error, _BROKEN) else StoreError
        return kind(f'the store "{self._path}": {error}')


class Table:
    """One table of a cache's store, within a transaction that writes."""

    def __init__(self, transaction: Any, handle: Any) -> None:
        self._transaction = transaction
        self._handle = handle
        self._cursor: Any = None

    def get(self, key: bytes) -> bytes | None:
        """Return the value, or None."""
        value = self._transaction.get(key, db=self._handle)
        return None if value is None else bytes(value)

    def look(self, key: bytes, below: bytes) -> tuple[bytes | None, bool]:
        """Return the value, or None, and whether another key begins with `below`.

        No key may lie between `key` and `below`.
        """
        if self._cursor is None:
            self._cursor = self._transaction.cursor(db=self._handle)
        cursor = self._cursor
        if not cursor.set_range(key):
            return None, False
        found, value = bytes(cursor.key()), None
        if found == key:
            value = bytes(cursor.value())
            if not cursor.next():
                return value, False
            found = bytes(cursor.key())
        return value, found.startswith(below)

    def close(self) -> None:
        """Let go of what `look` has opened."""
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None

    def put(self, key: bytes, value: bytes) -> None:
        self._transaction.put(key, value, db=self._handle)

    def delete(self, key: bytes, value: bytes = b"") -> bool:
        """Delete a key, or one of its values; return whether it was there."""
        return bool(self._transaction.delete(key, value, db=self._handle))

    def clear(self) -> None:
        """Delete all there is."""
        self._transaction.drop(self._handle, delete=False)

    def items(self, start: bytes = b"") -> Iterator[tuple[bytes, memoryview]]:
        """Yield keys and values in order, from the first key not before `start`.

        A value is good until the next is asked for; what yields may not change the table.
        """
        with self._transaction.cursor(db=self._handle) as cursor:
            more = cursor.set_range(start) if start else cursor.first()
            while more:
                yield bytes(cursor.key()), cursor.value()
                more = cursor.next()

    def values(self, key: bytes) -> list[bytes]:
        """Return all values of one key, of a table that has several a key."""
        with self._transaction.cursor(db=self._handle) as cursor:
            if not cursor.set_key(key):
                return []
            return [bytes(value) for value in cursor.iternext_dup()]


class Writing:
    """The tables of a cache's store, while they may be changed: entries, tags, and sums.

    Attributes:
        room: octets that may still be put. It ends before the map does: where LMDB has no page
            left, nothing can be deleted either.
    """

    def __init__(self, transaction: Any, handles: tuple[Any, Any, Any], size: int) -> None:
        self.entries, self.tags, self.sums = (Table(transaction, one) for one in handles)
        self.room = size - size // RESERVE_SHARE - RESERVE
        for one in handles:
            stat = transaction.stat(one)
            pages = stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"]
            self.room -= pages * stat["psize"]

    def close(self) -> None:
        """Be done with the tables, before the transaction is."""
        self.entries.close()

    def take(self, octets: int) -> None:
        """Count octets that are put; raises FullError where there is no room for them."""
        if octets > self.room:
            raise FullError("the store has no room")
        self.room -= octets


class CacheStore(Environment):
    """The store of one cache zone: entries by key, keys by tag, and what they add up to."""

    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(folder, size, durable=False, tables=3)
        self._size = size
        try:
            self._handles = (
                self._env.open_db(b"entries"),
                self._env.open_db(b"tags", dupsort=True),
                self._env.open_db(b"sums"),
            )
        except lmdb.Error as error:
            self._env.close()
            raise self._failed(error) from error
        # For whoever looks up: what begins a transaction, and what it is to be called with so that
        # it reads entries, as views into the map.
        self.begin: Callable[..., Any] = self._env.begin
        self.to_read = (self._handles[0], None, False, True)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Writing]:
        """Let the tables be read, not changed; what comes out are views and must not be kept."""
        try:
            with self._env.begin(buffers=True) as transaction:
                yield Writing(transaction, self._handles, self._size)
        except lmdb.Error as error:
            raise self._failed(error) from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writing]:
        """Let the tables be changed: all of it or, where something raises, nothing.

        Waits for LMDB's lock. Raises FullError where there is no room, BrokenError where what is
        in the file makes no sense, StoreError.
        """
        try:
            with (
                self._env.begin(write=True, buffers=True) as transaction,
                contextlib.closing(Writing(transaction, self._handles, self._size)) as tables,
            ):
                yield tables
        except (lmdb.MapFullError, lmdb.DiskError) as error:
            raise FullError(f'the store "{self._path}" has no room: {error}') from error
        except lmdb.Error as error:
            raise self._failed(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def has_state(folder: Path) -> bool:
    """Tell whether an earlier run has left anything below `folder`; it may be for its user only."""
    return (folder / f"state-{LAYOUT}" / "data.mdb").exists()


def open_state(folder: Path) -> Environment:
    """Open what must outlive a restart, below `folder`."""
    return Environment(folder / f"state-{LAYOUT}", STATE_SIZE, durable=True)


def open_cache(folder: Path, size: int, epoch: int = 0) -> CacheStore:
    """Open the cache of so many octets below `folder`; one of another size or layout goes.

    One that was found broken is followed by one of another epoch. Raises StoreError.
    """
    name = f"cache-{LAYOUT}-{size}-{epoch}"
    for other in folder.glob("cache-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return CacheStore(folder / name, size)


def last_epoch(folder: Path) -> int:
    """Return the epoch of the cache that is in a folder; 0 where there is none."""
    found = [path.name.rpartition("-")[2] for path in folder.glob(f"cache-{LAYOUT}-*-*")]
    return max((int(text) for text in found if text.isdecimal()), default=0)


def private(folder: Path) -> None:
    """Make a folder that only we may enter; raises OSError, also where it is another user's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to another user")
    folder.chmod(0o700)
