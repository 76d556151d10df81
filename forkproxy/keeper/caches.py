"""The keeper's part in caches: eviction, and what people ask and order about them.

All of it is done in the scribe's thread: a wait for a store's lock must not stop the keeper's hub.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from forkproxy import clock
from forkproxy.cache import entry, shelf, variant
from forkproxy.cache.reasons import Reason
from forkproxy.cache.scribe import scribe
from forkproxy.cache.shelf import PINNED, SPLIT
from forkproxy.cache.zone import Zone, zones
from forkproxy.child.life import Life
from forkproxy.errors import ForkproxyError
from forkproxy.keeper import cache_orders
from forkproxy.keeper.cache_counts import CacheCounts
from forkproxy.keeper.cache_orders import CacheRefusedError, chosen
from forkproxy.keeper.evict import Evictor
from forkproxy.net import tasks
from forkproxy.shared.channel import Message
from forkproxy.shared.errorlog import log
from forkproxy.wire.dates import http_date

MOST_LISTED = 200  # entries in one answer; a message has a limit
MOST_REFUSED = 20


class Caches:
    """The zones, and whose turn it is."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._evictors = [Evictor(zone) for zone in zones().values()]
        self._counts = [
            CacheCounts(zone, life.cells)
            for name, zone in zones().items()
            if name in life.cells.directory.tallies("cache")
        ]
        self._under_way = False
        life.on("cache", self._answer)

    def tend(self) -> None:
        """Let each evictor have its turn, where the last one is over."""
        if self._evictors and not self._under_way:
            self._under_way = True
            scribe.call(self._turn)

    def _turn(self) -> None:
        try:
            for evictor in self._evictors:
                _perform(evictor.turn)
            for counts in self._counts:
                _perform(counts.show)
        finally:
            self._under_way = False

    def forget_dead_readers(self) -> None:
        """Free what readers that were killed still hold in the stores."""
        for zone in zones().values():
            if zone.store is not None:
                zone.store.forget_dead_readers()

    def _answer(self, message: Message, _descriptors: list[int]) -> None:
        words = [str(word) for word in message.get("words", [])]
        client = message.get("client", 0)

        def run() -> None:
            try:
                said: dict[str, Any] = {"status": 200, "data": answer(words)}
            except CacheRefusedError as error:
                said = {"status": 400, "text": str(error)}
            except Exception as error:
                log.bug("in a command about caches", error)
                said = {"status": 500, "text": repr(error)}
            tasks.soon(lambda: self._life.say("cache", client=client, **said))

        scribe.call(run)


def _perform(function: Callable[[], None]) -> None:
    try:
        function()
    except ForkproxyError as error:
        log.error(str(error))
    except Exception as error:
        log.bug("in the care of caches", error)


def answer(words: Sequence[str]) -> dict[str, Any]:
    """Do what a command says, its name and its arguments. Raises CacheRefusedError."""
    known: dict[str, Callable[..., dict[str, Any]]] = {
        "stat": stat,
        "ls": list_entries,
        "why": why,
        "purge": cache_orders.purge,
        "purges": cache_orders.purge_many,
        "pin": cache_orders.pin,
        "pins": cache_orders.pin_many,
    }
    return known[words[0]](*words[1:])


def stat(name: str = "-") -> dict[str, Any]:
    """Return sizes and counters of zones."""
    return {zone.name: _stat(zone) for zone in chosen(name)}


def _stat(zone: Zone) -> dict[str, Any]:
    store = zone.opened()
    count = octets = pins = pinned = 0
    if store is not None:
        with store.reading() as tables:
            count, octets = shelf.sums(tables)
            pins, pinned = shelf.sums(tables, shelf.PINS_KEY)
    limits = {
        "size": octets,
        "max_size": zone.settings.max_size,
        "entries": count,
        "pinned": {"entries": pins, "size": pinned, "max_size": zone.settings.most_pinned},
    }
    return {**limits, "open": store is not None, **zone.counts()}


def list_entries(
    name: str, start: str = "", tag: str = "", limit: str = "", pinned: str = ""
) -> dict[str, Any]:
    """Return the entries whose keys begin so, that have a tag, and with `pinned`, that are so.

    At most MOST_LISTED are.
    """
    found: list[dict[str, Any]] = []
    most = min(MOST_LISTED, int(limit or MOST_LISTED))
    wanted = tag.lower().encode("utf-8", "surrogateescape")
    more = False
    for zone in chosen(name):
        store = zone.opened()
        if store is None:
            continue
        prefix = start.encode("utf-8", "surrogateescape")
        with store.reading() as tables:
            for key, octets in tables.entries.items(prefix):
                if not key.startswith(prefix):
                    break
                made = entry.read(octets)
                if made is None or made.flags & SPLIT:
                    continue
                if pinned and not made.flags & PINNED:
                    continue
                if wanted and wanted not in (one.lower() for one in made.tags):
                    continue
                if len(found) >= most:
                    more = True
                    break
                found.append({"cache": zone.name, **_described(zone, key, made)})
    return {"entries": found, "more": more}


def _described(zone: Zone, key: bytes, made: entry.Entry) -> dict[str, Any]:
    now = clock.wall()
    name, _, digest = key.partition(variant.MARK)
    uses, last = zone.uses_of(name)
    described = {
        "key": name.decode("utf-8", "replace"),
        "status": made.status,
        "octets": made.length,
        "age": int(now - made.born_at),
        "fresh_for": int(made.fresh_until - now),
        "stored": http_date(int(made.stored_at)).decode(),
        "uses": uses,
        "last_use": http_date(last).decode() if last else None,
        "tags": [tag.decode("utf-8", "replace") for tag in made.tags],
    }
    if made.extents is not None:
        described["parts"] = [f"{start}-{stop - 1}" for start, stop in made.extents]
    if made.flags & PINNED:
        described["pinned"] = True
    if digest:
        described["varies_by"] = made.vary.decode("utf-8", "replace")
    return described


def why(url: str) -> dict[str, Any]:
    """Return what is stored of a URL or a key, and what was lately not stored, with the reasons.

    Keys that end with what is asked for; where there are none, those that have it in them.
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    target = (parts.path or "/") + query if parts.scheme else url
    text, whole = (one.encode("utf-8", "surrogateescape") for one in (target, url))
    known: dict[str, Any] = {}
    for fits in (bytes.endswith, bytes.__contains__):
        known = _known(lambda key, fits=fits: key == whole or fits(key, text))  # type: ignore[misc]
        if known["stored"] or known["not_stored"]:
            break
    return {"url": url, **known}


def _known(fits: Callable[[bytes], bool]) -> dict[str, Any]:
    """Return what is stored under keys that fit, and what was not."""
    stored = [one for zone in zones().values() for one in _stored(zone, fits)]
    refused = [
        {
            "cache": zone.name,
            "key": key.decode("utf-8", "replace"),
            "reason": Reason(number).shown,
            "at": http_date(int(at)).decode(),
        }
        for zone in zones().values()
        for number, at, key in zone.refusals()
        if fits(key)
    ]
    return {"stored": stored, "not_stored": refused[:MOST_REFUSED]}


def _stored(zone: Zone, fits: Callable[[bytes], bool]) -> list[dict[str, Any]]:
    store = zone.opened()
    if store is None:
        return []
    found = []
    with store.reading() as tables:
        for key, octets in tables.entries.items():
            if not fits(key.partition(variant.MARK)[0]):
                continue
            made = entry.read(octets)
            if made is not None and not made.flags & SPLIT:
                found.append({"cache": zone.name, **_described(zone, key, made)})
            if len(found) >= MOST_LISTED:
                break
    return found
