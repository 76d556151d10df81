"""What is done to the tables of a store, within one transaction: entries, their tags, their sum.

Everything here is called by whoever writes: the scribe's thread of a worker, or the keeper.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from forkproxy.cache import entry, variant
from forkproxy.cache.entry import Entry
from forkproxy.errors import ForkproxyError
from forkproxy.shared.store import Writing

SUMS = struct.Struct("<qq")  # entries, octets
SUMS_KEY = b"sums"
SPLIT = 2  # entry.Flag: a note, no answer
MOST_VARIANTS = 1000
LONGEST_TAG = 256


class TooManyVariantsError(ForkproxyError):
    """A key has as many variants as it may."""


@dataclass(slots=True)
class Shelf:
    """The tables while they are changed.

    Attributes:
        count, octets: what is in the store, files included.
        gone: names of files to delete once the transaction is over.
        changed: keys under which something else lies now; None: everything is changed.
    """

    tables: Writing
    count: int = 0
    octets: int = 0
    gone: list[str] = field(default_factory=list)
    changed: set[bytes] | None = field(default_factory=set)

    def __post_init__(self) -> None:
        self.count, self.octets = sums(self.tables)

    def finish(self) -> None:
        """Write the sums; the transaction's last step."""
        self.tables.sums.put(SUMS_KEY, SUMS.pack(self.count, self.octets))

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
        self._add(key, octets)
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
        self.count = self.octets = 0
        self.changed = None
        return done

    def _put(self, key: bytes, octets: bytes, before: bytes | None) -> None:
        """Store an entry where there was none, or these octets."""
        found = None if before is None else entry.read(before)
        if found is not None:
            self._forget(key, found)
        self._add(key, octets)

    def _add(self, key: bytes, octets: bytes) -> None:
        made = entry.read(octets)
        assert made is not None
        if made.file_name in self.gone:
            self.gone.remove(made.file_name)  # it was the one before, too
        self.tables.take(len(octets))
        self.tables.entries.put(key, octets)
        self._note(key)
        for tag in made.tags:
            self.tables.tags.put(tag, key)
        self.count += not made.flags & SPLIT
        self.octets += made.size_in_all() + len(key)

    def _forget(self, key: bytes, found: Entry) -> None:
        """Take an entry out of what goes with it: its tags, the sums, its file."""
        for tag in found.tags:
            self.tables.tags.delete(tag, key)
        self.count -= not found.flags & SPLIT
        self.octets -= found.size_in_all() + len(key)
        if found.file_name:
            self.gone.append(found.file_name)

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


def sums(tables: Writing) -> tuple[int, int]:
    """Return how many entries a store has, and how many octets they take."""
    value = tables.sums.get(SUMS_KEY)
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
