"""Pins: what is pinned is neither evicted nor forgotten until somebody lets go of it.

A pin is of what lies under a key, and goes over to what takes its place; a purge takes it along. It
is in the store, so it outlives a restart. At most three quarters of a zone may be pinned.
"""

from __future__ import annotations

from collections.abc import Callable

from forkproxy.cache import variant
from forkproxy.cache.choice import Choice
from forkproxy.cache.shelf import Shelf


def pin(which: Choice) -> Callable[[Shelf], int]:
    """Pin what is chosen; the function returns how many answers that were.

    It raises TooMuchPinnedError, and then none of them is.
    """
    return lambda shelf: _pinned(shelf, which(shelf), wanted=True)


def unpin(which: Choice) -> Callable[[Shelf], int]:
    """Let go of what is chosen; the function returns how many answers that were."""
    return lambda shelf: _pinned(shelf, which(shelf), wanted=False)


def _pinned(shelf: Shelf, keys: list[bytes], *, wanted: bool) -> int:
    done = sum(shelf.pin(key, wanted=wanted) for key in keys)
    # Without the note by which answers vary no variant is found: it is pinned as long as one is.
    for key in {key.partition(variant.MARK)[0] for key in keys if variant.MARK in key}:
        below = shelf.below(variant.family(key))
        shelf.pin(key, wanted=any(shelf.is_pinned(other) for other in below))
    return done
