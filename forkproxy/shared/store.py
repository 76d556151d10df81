"""Where the stores lie: what must outlive a restart (`state`), and the responses kept (`cache`).

Two environments, because a write transaction shuts out the other writers of its environment: of
the state only the keeper writes, of a cache the keeper and one thread of each worker. A folder of
theirs is private (0700): LMDB trusts what is in the file.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from forkproxy.errors import StoreError
from forkproxy.shared.environment import Environment
from forkproxy.shared.tables import CacheStore

LAYOUT = 1  # of keys and values; a cache of another layout is thrown away
STATE_SIZE = 64 * 1024 * 1024  # octets of address space; the file is sparse


def has_state(folder: Path) -> bool:
    """Tell whether an earlier run has left anything below `folder`; it may be for its user only."""
    return (folder / f"state-{LAYOUT}" / "data.mdb").exists()


def open_state(folder: Path) -> Environment:
    """Open what must outlive a restart, below `folder`. Raises StoreError."""
    return Environment(private(folder / f"state-{LAYOUT}"), STATE_SIZE, durable=True)


def open_cache(folder: Path, size: int, epoch: int = 0) -> CacheStore:
    """Open the cache of so many octets below `folder`; one of another size or layout goes.

    One that was found broken is followed by one of another epoch. Raises StoreError.
    """
    name = f"cache-{LAYOUT}-{size}-{epoch}"
    for other in folder.glob("cache-*"):
        if other.name != name:
            shutil.rmtree(other, ignore_errors=True)
    return CacheStore(private(folder / name), size)


def last_epoch(folder: Path) -> int:
    """Return the epoch of the cache that is in a folder; 0 where there is none."""
    found = [path.name.rpartition("-")[2] for path in folder.glob(f"cache-{LAYOUT}-*-*")]
    return max((int(text) for text in found if text.isdecimal()), default=0)


def private(folder: Path) -> Path:
    """Return a folder that only we may enter, made where it is not there. Raises StoreError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to another user")
        folder.chmod(0o700)
    except OSError as error:
        raise StoreError(f'cannot open the store "{folder}": {error}') from error
    return folder
