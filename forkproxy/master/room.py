"""How much room the pairs of a keyval zone take: a zone that is full takes no more.

Counted as nginx's allocator would have it: each pair in a slot of a power of two octets, slots of
one size in pages of their own, and what is large in whole pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

PAGE = 4096
NODE = 80  # octets of a pair beside its key and value, about
SMALLEST = 128

Pair = tuple[bytes, bytes]


def slot_of(pair: Pair) -> int:
    """Return the octets that a pair takes."""
    needed = NODE + len(pair[0]) + len(pair[1])
    if needed > PAGE // 2:
        return -(-needed // PAGE) * PAGE
    return max(SMALLEST, 1 << (needed - 1).bit_length())


class Room:
    """One zone."""

    def __init__(self, size: int, pairs: Iterable[Pair] = ()) -> None:
        """Have so many octets; what is there already stays, even if it is too much."""
        self.pages = max(1, size // PAGE)
        self._used = Counter(map(slot_of, pairs))
        self._asked: Counter[int] = Counter()
        self._failed: Counter[int] = Counter()

    def swap(self, gone: Iterable[Pair], put: Iterable[Pair]) -> bool:
        """Let pairs go and take others in; False, with nothing changed, where they do not fit."""
        wanted, new = self._used.copy(), Counter(map(slot_of, put))
        wanted.subtract(map(slot_of, gone))
        wanted.update(new)
        self._asked.update(new)
        if _pages(wanted) > self.pages and _octets(wanted) > _octets(self._used):
            self._failed.update(new)
            return False
        self._used = +wanted
        return True

    def used(self) -> int:
        """Return the pages that hold something."""
        return _pages(self._used)

    def slots(self) -> dict[int, tuple[int, int, int, int]]:
        """Return by their octets how many slots are used and free, were asked for and not had."""
        sizes = sorted({*self._used, *self._asked})
        return {size: (*self._of(size), self._asked[size], self._failed[size]) for size in sizes}

    def _of(self, size: int) -> tuple[int, int]:
        used = self._used[size]
        return used, _pages({size: used}) * PAGE // size - used

    def ask_anew(self) -> None:
        """Count anew how many slots were asked for."""
        self._asked.clear()
        self._failed.clear()


def _octets(used: Counter[int]) -> int:
    return sum(size * count for size, count in used.items())


def _pages(used: Counter[int] | dict[int, int]) -> int:
    return sum(-(-size * count // PAGE) for size, count in used.items())
