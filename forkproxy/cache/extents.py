"""Which octets of a content are there: extents (start, stop), in order, that do not touch.

A stop is behind the last octet of its extent.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

Extent = tuple[int, int]
Extents = tuple[Extent, ...]

MOST = 64  # of one entry: each hit reads them, and each fill writes them anew
_ONE = struct.Struct("<qq")


def unpack(octets: bytes) -> Extents:
    """Return what a record has of them."""
    return tuple((start, stop) for start, stop in _ONE.iter_unpack(octets))


def pack(extents: Extents) -> bytes:
    """Return them as they lie in a record."""
    return b"".join([_ONE.pack(*one) for one in extents])


def octets(extents: Extents) -> int:
    """Return how many octets they are."""
    return sum(stop - start for start, stop in extents)


def joined(extents: Extents, more: Extents) -> Extents:
    """Return what both have together."""
    made: list[Extent] = []
    for start, stop in sorted(extents + more):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], stop))
        else:
            made.append((start, stop))
    return tuple(made)


def missing(extents: Extents, start: int, stop: int) -> Extents:
    """Return what is not there of the octets from `start` to before `stop`."""
    gaps: list[Extent] = []
    for there, end in extents:
        if there > start and start < stop:
            gaps.append((start, min(there, stop)))
        start = max(start, end)
    if start < stop:
        gaps.append((start, stop))
    return tuple(gaps)


def covers(extents: Extents, parts: Iterable[Extent]) -> bool:
    """Tell whether all of these parts are there."""
    return not any(missing(extents, start, stop) for start, stop in parts)
