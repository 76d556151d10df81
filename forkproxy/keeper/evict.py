"""Eviction: a cache zone is kept within max_size and min_free, and forgets what nobody asks for.

A hand goes round the store, some entries a turn. What nobody has asked for in `inactive` seconds
goes. While there is too much, what was asked for least often goes first, and of that what was asked
for longest ago; what the hand passes by loses half of its fame. So a scan of things asked for once
pushes out other such things, and what was popular once does not stay for ever. What is pinned is
passed by.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forkproxy import clock
from forkproxy.cache import entry, shelf, variant
from forkproxy.cache.job import Job
from forkproxy.cache.scribe import perform
from forkproxy.cache.shelf import PINNED, Shelf
from forkproxy.cache.zone import Zone
from forkproxy.errors import StoreError
from forkproxy.shared.errorlog import log
from forkproxy.shared.tables import CacheStore

AT_ONCE = 1000  # entries that are looked at in one step
PATIENCE = 0.5  # seconds of one turn, where there is too much
LONGEST_ROUND = 8.0  # a round of the hand takes at most this share of `inactive`
LEFT_OVER = 60.0  # seconds after which a file that no entry knows is deleted


@dataclass(slots=True)
class Seen:
    """An entry that the hand has come to."""

    key: bytes
    octets: int
    uses: int
    last_at: float  # wall time of the last use


class Evictor:
    """Keeps one zone within its limits."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._hand = b""
        self._swept = False
        self._was_over = False  # when it had its last turn
        self._room = 0  # octets that are made beyond the limit

    def turn(self) -> None:
        """Look at some entries, and evict what has to go. Waits for the store's lock."""
        store = self._zone.opened()
        if store is None:
            return
        if not self._swept:
            self._swept = True
            sweep_files(self._zone, store)
        self._make_room(store)
        deadline = clock.monotonic() + PATIENCE
        while self._step(store) and clock.monotonic() < deadline:
            pass

    def _make_room(self, store: CacheStore) -> None:
        """Where there is too much at each turn, make room for what comes until the next one.

        Else a zone that is filled as fast as it is emptied would always be above its limit.
        """
        limit = self._zone.settings.max_size
        former, self._room = self._room, 0
        if limit is None:
            return
        with store.reading() as tables:
            over = self._over(shelf.sums(tables)[1])
        if over and self._was_over:
            self._room = min(max(over, 2 * former), limit // 2)
        else:
            self._room = former // 2
        self._was_over = over > 0

    def _step(self, store: CacheStore) -> bool:
        """Look at the next entries; return whether there is still too much."""
        with store.reading() as tables:
            count, octets = shelf.sums(tables)
        over = self._over(octets)
        if not count and not over:
            return False
        seen = self._look(store, AT_ONCE if over else self._share(count))
        chosen = list(self._choose(seen, over))
        if chosen:
            self._evict(chosen)
        if over:
            for one in seen:
                self._zone.fade(_named(one.key))
        left = octets - sum(one.octets for one in chosen)
        return over > 0 and bool(seen or self._hand) and self._over(left) > 0

    def _over(self, octets: int) -> int:
        """Return how many octets there are too many."""
        settings = self._zone.settings
        over = 0 if settings.max_size is None else octets + self._room - settings.max_size
        if settings.min_free:
            free = shutil.disk_usage(settings.path).free
            if free < settings.min_free:
                over = max(over, min(octets, settings.min_free - free))
        return max(0, over)

    def _share(self, count: int) -> int:
        """Return how many entries to look at: a round takes a part of `inactive`."""
        turns = max(4.0, self._zone.settings.inactive / LONGEST_ROUND * 4.0)
        return min(AT_ONCE, max(16, int(count / turns) + 1))

    def _look(self, store: CacheStore, count: int) -> list[Seen]:
        """Return the next entries from where the hand is; at the end it begins anew."""
        seen: list[Seen] = []
        with store.reading() as tables:
            for number, (key, octets) in enumerate(tables.entries.items(self._hand)):
                if number >= count:
                    self._hand = key
                    return seen
                found = entry.read(octets)
                if found is not None and found.flags & PINNED:
                    continue
                uses, last = self._zone.uses_of(_named(key))
                if found is None:
                    seen.append(Seen(key, len(octets), 0, 0.0))
                else:
                    size = found.size_in_all() + len(key)
                    seen.append(Seen(key, size, uses, max(last, found.stored_at)))
        self._hand = b""
        return seen

    def _choose(self, seen: list[Seen], over: int) -> Iterator[Seen]:
        """Yield what has to go."""
        oldest = clock.wall() - self._zone.settings.inactive
        left = []
        for one in seen:
            if one.last_at < oldest:
                over -= one.octets
                yield one
            else:
                left.append(one)
        left.sort(key=lambda one: (one.uses, one.last_at))
        # Half of what was looked at may stay: the rest of the round may hold what is less wanted.
        for one in left[: max(1, len(left) // 2)]:
            if over <= 0:
                return
            over -= one.octets
            yield one

    def _evict(self, chosen: list[Seen]) -> None:
        """Delete in portions: whoever waits to store has his turn between them."""
        portion = max(1, self._zone.settings.manager_files)
        for start in range(0, len(chosen), portion):
            keys = [one.key for one in chosen[start : start + portion]]
            job = Job(self._zone, 0, functools.partial(_delete, keys), lambda _: None)
            ((_, outcome),) = perform(self._zone, [job])
            if isinstance(outcome, StoreError):
                log.error(f"the cache {self._zone.name} cannot evict: {outcome}")
                return


def _delete(keys: list[bytes], on: Shelf) -> int:
    return sum(on.delete_one(key, 0.0) for key in keys)


def _named(key: bytes) -> bytes:
    """Return the key that requests for an entry are counted by: variants have their key's."""
    return key.partition(variant.MARK)[0]


def sweep_files(zone: Zone, store: CacheStore) -> int:
    """Delete files that no entry knows: of a process that died between two steps."""
    files = [path for path in Path(zone.bodies).rglob("*") if path.is_file()]
    if not files:
        return 0  # a million small entries need not be read for that
    with store.reading() as tables:
        known = {
            found.file_name
            for _, octets in tables.entries.items()
            if (found := entry.read(octets)) is not None and found.file_name
        }
    gone = 0
    for path in files:
        if _kept(path, known):
            continue
        with contextlib.suppress(OSError):
            if clock.wall() - path.stat().st_mtime > LEFT_OVER or path.name.startswith("."):
                path.unlink()
                gone += 1
    return gone


def _kept(path: Path, known: set[str]) -> bool:
    """Whether a file is an entry's, or one that a living process writes."""
    if not path.name.startswith("."):
        return f"{path.parent.name}/{path.name}" in known
    pid = path.name[1:].partition("-")[0]
    return pid.isdecimal() and _lives(int(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
