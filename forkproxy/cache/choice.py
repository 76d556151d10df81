"""Which entries an order means: by key, prefix, tag or host, or all of them.

A choice is a function of a shelf that returns keys of its store.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

from forkproxy.cache import variant
from forkproxy.cache.shelf import Shelf

Choice = Callable[[Shelf], list[bytes]]

# What stands before a host in keys, and what ends it: a key that begins otherwise has none to us.
_SCHEMES = (b"", b"http", b"https", b"http://", b"https://")
_METHODS = (b"", b"GET", b"HEAD", b"POST")
_ENDS = (b"", b":", b"/", b"?", b"|", variant.MARK)


def of_key(text: bytes) -> Choice:
    """What lies under a key as proxy_cache_key makes it, all its variants."""
    key = variant.stored_under(text)
    return lambda shelf: [key, *shelf.below(variant.family(key))]


def of_prefix(start: bytes) -> Choice:
    """All whose keys begin so."""
    return lambda shelf: shelf.below(start)


def of_tag(name: bytes) -> Choice:
    """All that have a tag."""
    return lambda shelf: shelf.tagged(name.lower())


def of_host(name: bytes) -> Choice:
    """All whose keys begin with a host, perhaps behind a scheme and a method."""
    name = name.lower()
    starts = [scheme + method + name for scheme, method in product(_SCHEMES, _METHODS)]
    return lambda shelf: [
        key
        for start in starts
        for key in shelf.below(start)
        if key[len(start) : len(start) + 1] in _ENDS
    ]


def of_all(_text: bytes = b"") -> Choice:
    """All there is."""
    return lambda shelf: shelf.below(b"")


BY: dict[str, Callable[[bytes], Choice]] = {
    "key": of_key,
    "prefix": of_prefix,
    "tag": of_tag,
    "host": of_host,
    "all": of_all,
}
