"""What is done to the tables of a store, within one transaction: entries, their tags, their sum.

Everything here is called by whoever writes: the scribe's thread of a worker, or the keeper.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from forkproxy.cache import entry, variant
from forkproxy.cache.entry import Entry
from forkproxy.errors import ForkproxyError
from forkproxy.shared.errorlog import log
from forkproxy.shared.tables import Writing

SUMS = struct.Struct("<qq")  # entries, octets
SUMS_KEY = b"sums"
PINS_KEY = b"pins"
SPLIT = 2  # entry.Flag: a note, no answer
PINNED = 256  # entry.Flag: not evicted
MOST_VARIANTS = 1000
LONGEST_TAG = 256


class TooManyVariantsError(ForkproxyError):
    """A key has as many variants as it may."""


class TooMuchPinnedError(ForkproxyError):
    """What is pinned already leaves no room for more of it."""


@dataclass(slots=True)
class Shelf:
    """The tables while they are changed.

    Attributes:
        most_pinned: octets that may be pinned at once.
        count, octets: what is in the store, files included.
        pins, pinned: how many answers are pinned, and their octets.
        gone: names of files to delete once the transaction is over.
        changed: keys under which something else lies now; None: everything is changed.
    """

    tables: Writing
    most_pinned: int = 0
    count: int = 0
    octets: int = 0
    pins: int = 0
    pinned: int = 0
    gone: list[str] = field(default_factory=list)
    changed: set[bytes] | None = field(default_factory=set)

    def __post_init__(self) -> None:
        self.count, self.octets = sums(self.tables)
        self.pins, self.pinned = sums(self.tables, PINS_KEY)

    def finish(self) -> None:
        """Write the sums; the transaction's last step."""
        self.tables.sums.put(SUMS_KEY, SUMS.pack(self.count, self.octets))
        if (self.pins, self.pinned) != sums(self.tables, PINS_KEY):
            self.tables.sums.put(PINS_KEY, SUMS.pack(self.pins, self.pinned))

    def put(self, key: bytes, octets: bytes) -> None:
        """Store the one answer of a key; variants that it had are gone."""
        before, family = self.tables.entries.look(key, variant.family(key))
        if family:
            self._drop_variants(key)
        self._put(key, octets, before)

    def put_variant(self, key: bytes, variant_key: bytes, note: bytes, octets: bytes) -> None:
        """Store one variant of a key, with the note by what its answers vary.

        Raises TooManyVariantsError.
        """
        found = self._read(key)
        if found is None or not found.flags & SPLIT or found.vary != _vary_of(note):
            self._put(key, note, self.tables.entries.get(key))
        before = self.tables.entries.get(variant_key)
        if before is None:
            family = sum(1 for _ in self._below(variant.family(key)))
            if family >= MOST_VARIANTS:
                raise TooManyVariantsError(f"{family} variants")
        self._put(variant_key, octets, before)

    def put_beside(self, key: bytes, other: bytes, octets: bytes, identity: int) -> bool:
        """Store under `other` what was made of an entry; False where that one has gone."""
        found = self._read(key)
        if found is None or found.identity != identity:
            return False
        self._put(other, octets, self.tables.entries.get(other))
        return True

    def replace(self, key: bytes, octets: bytes, identity: int) -> bool:
        """Store an entry in place of the one of that identity; False where that has gone."""
        found = self._read(key)
        if found is None or found.identity != identity:
            return False
        self._forget(key, found)
        self._add(key, octets, found)
        return True

    def delete(self, key: bytes, *, soft: float = 0.0) -> int:
        """Delete a key with its variants; return how many answers that were.

        With `soft`, a moment, they become stale instead.
        """
        done = self.delete_one(key, soft)
        for variant_key in list(self._below(variant.family(key))):
            done += self.delete_one(variant_key, soft)
        return done

    def delete_one(self, key: bytes, soft: float) -> int:
        """Delete one entry, or make it stale; return how many answers that were: none, or one."""
        found = self._read(key)
        if found is None:
            return 0
        answer = not found.flags & SPLIT
        if soft:
            if answer:
                self.replace(key, found.stale_now(soft), found.identity)
            return int(answer)
        self._forget(key, found)
        self.tables.entries.delete(key)
        self._note(key)
        return int(answer)

    def pin(self, key: bytes, *, wanted: bool) -> int:
        """Pin one entry, or let go of it; return how many answers that were: none, or one.

        Raises TooMuchPinnedError.
        """
        found = self._read(key)
        if found is None:
            return 0
        answer = not found.flags & SPLIT
        if bool(found.flags & PINNED) != wanted:
            size = found.size_in_all() + len(key)
            if wanted and self.pinned + size > self.most_pinned:
                raise TooMuchPinnedError(
                    f"{self.pinned} octets are pinned, and at the most {self.most_pinned} may be"
                )
            self.tables.entries.put(key, found.pinned(wanted))
            self.pins += answer if wanted else -answer
            self.pinned += size if wanted else -size
        return int(answer)

    def is_pinned(self, key: bytes) -> bool:
        """Tell whether an entry is there and pinned."""
        found = self._read(key)
        return found is not None and bool(found.flags & PINNED)

    def answers(self, keys: Iterable[bytes]) -> int:
        """Return how many of some keys have an answer."""
        found = map(self._read, keys)
        return sum(one is not None and not one.flags & SPLIT for one in found)

    def drop(self, key: bytes, identity: int) -> bool:
        """Delete the entry of that identity; False where that has gone."""
        found = self._read(key)
        return found is not None and found.identity == identity and bool(self.delete_one(key, 0.0))

    def below(self, prefix: bytes) -> list[bytes]:
        """Return all keys that begin so, variants too."""
        return list(self._below(prefix))

    def tagged(self, tag: bytes) -> list[bytes]:
        """Return the keys of the entries that have a tag."""
        return self.tables.tags.values(tag)

    def clear(self) -> int:
        """Delete everything; return how many entries there were."""
        done = self.count
        for table in (self.tables.entries, self.tables.tags, self.tables.sums):
            table.clear()
        self.count = self.octets = self.pins = self.pinned = 0
        self.changed = None
        return done

    def _put(self, key: bytes, octets: bytes, before: bytes | None) -> None:
        """Store an entry where there was none, or these octets."""
        found = None if before is None else entry.read(before)
        if found is not None:
            self._forget(key, found)
        self._add(key, octets, found)

    def _add(self, key: bytes, octets: bytes, former: Entry | None = None) -> None:
        """Store an entry where there is none any more, with the pin that the former one had."""
        made = entry.read(octets)
        assert made is not None
        wanted = former is not None and self._stays_pinned(key, former, made)
        if bool(made.flags & PINNED) != wanted:
            octets = made.pinned(wanted)
            made = entry.read(octets)
            assert made is not None
        if made.file_name in self.gone:
            self.gone.remove(made.file_name)  # it was the one before, too
        self.tables.take(len(octets))
        self.tables.entries.put(key, octets)
        self._note(key)
        for tag in made.tags:
            self.tables.tags.put(tag, key)
        self._sum(key, made, 1)

    def _stays_pinned(self, key: bytes, former: Entry, made: Entry) -> bool:
        """Whether what comes in an entry's place is pinned as that was, and has room."""
        if not former.flags & PINNED:
            return False
        room = self.most_pinned - self.pinned - made.size_in_all() - len(key)
        if room < 0:
            log.error(f"no longer pinned, for it has grown: {key.decode(errors='replace')}")
        return room >= 0

    def _forget(self, key: bytes, found: Entry) -> None:
        """Take an entry out of what goes with it: its tags, the sums, its file."""
        for tag in found.tags:
            self.tables.tags.delete(tag, key)
        self._sum(key, found, -1)
        if found.file_name:
            self.gone.append(found.file_name)

    def _sum(self, key: bytes, found: Entry, sign: int) -> None:
        """Count an entry that has come, or gone."""
        answers = sign * (not found.flags & SPLIT)
        octets = sign * (found.size_in_all() + len(key))
        self.count += answers
        self.octets += octets
        if found.flags & PINNED:
            self.pins += answers
            self.pinned += octets

    def _note(self, key: bytes) -> None:
        if self.changed is not None:
            self.changed.add(key)

    def _drop_variants(self, key: bytes) -> None:
        for variant_key in list(self._below(variant.family(key))):
            self.delete_one(variant_key, 0.0)

    def _below(self, prefix: bytes) -> Iterator[bytes]:
        for key, _ in self.tables.entries.items(prefix):
            if not key.startswith(prefix):
                return
            yield key

    def _read(self, key: bytes) -> Entry | None:
        octets = self.tables.entries.get(key)
        return None if octets is None else entry.read(octets)


def sums(tables: Writing, key: bytes = SUMS_KEY) -> tuple[int, int]:
    """Return how many entries a store has, and how many octets they take; or those pinned."""
    value = tables.sums.get(key)
    if value is None or len(value) != SUMS.size:
        return 0, 0
    count, octets = SUMS.unpack(value)
    return count, octets


def tags_of(lines: list[bytes]) -> bytes:
    """Return the tags in lines of Cache-Tag, Surrogate-Key or xkey, as an entry keeps them.

    They are told apart by commas or spaces; case does not matter.
    """
    found: dict[bytes, None] = {}
    for line in lines:
        for tag in line.replace(b",", b" ").lower().split():
            if len(tag) <= LONGEST_TAG and b"\0" not in tag:
                found[tag] = None
    return b"\0".join(found)


def _vary_of(note: bytes) -> bytes:
    made = entry.read(note)
    assert made is not None
    return made.vary
