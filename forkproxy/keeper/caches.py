"""The keeper's part in caches: eviction, and what people ask and order about them.

All of it is done in the scribe's thread: a wait for a store's lock must not stop the keeper's hub.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from forkproxy import clock
from forkproxy.cache import entry, purge, shelf, variant
from forkproxy.cache.job import Job
from forkproxy.cache.reasons import Reason
from forkproxy.cache.scribe import perform, scribe
from forkproxy.cache.zone import Zone, zones
from forkproxy.child.life import Life
from forkproxy.errors import ForkproxyError
from forkproxy.keeper.cache_counts import CacheCounts
from forkproxy.keeper.evict import Evictor
from forkproxy.net import tasks
from forkproxy.shared.channel import Message
from forkproxy.shared.errorlog import log
from forkproxy.wire.dates import http_date

MOST_LISTED = 200  # entries in one answer; a message has a limit
SPLIT = 2  # entry.Flag: a note, no answer


class CacheRefusedError(ForkproxyError):
    """What was asked for cannot be."""


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
        "purge": purge_entries,
        "purges": purge_many,
    }
    return known[words[0]](*words[1:])


def _chosen(name: str) -> list[Zone]:
    """Return the zone of a name, all of them for "-"."""
    found = zones()
    if name == "-":
        return list(found.values())
    if name not in found:
        raise CacheRefusedError(f"no such cache: {name}")
    return [found[name]]


def stat(name: str = "-") -> dict[str, Any]:
    """Return sizes and counters of zones."""
    return {zone.name: _stat(zone) for zone in _chosen(name)}


def _stat(zone: Zone) -> dict[str, Any]:
    store = zone.opened()
    count = octets = 0
    if store is not None:
        with store.reading() as tables:
            count, octets = shelf.sums(tables)
    limits = {"size": octets, "max_size": zone.settings.max_size, "entries": count}
    return {**limits, "open": store is not None, **zone.counts()}


def list_entries(name: str, start: str = "", tag: str = "", limit: str = "") -> dict[str, Any]:
    """Return the entries whose keys begin so, and that have a tag, at most MOST_LISTED."""
    found: list[dict[str, Any]] = []
    most = min(MOST_LISTED, int(limit or MOST_LISTED))
    wanted = tag.lower().encode("utf-8", "surrogateescape")
    more = False
    for zone in _chosen(name):
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
    if digest:
        described["varies_by"] = made.vary.decode("utf-8", "replace")
    return described


def why(url: str) -> dict[str, Any]:
    """Return what is stored of a URL or a key, and what was lately not stored, with the reasons."""
    parts = urlsplit(url)
    target = (
        url
        if not parts.scheme
        else (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    )
    text = target.encode("utf-8", "surrogateescape")
    stored: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for zone in zones().values():
        stored += _stored(zone, text, url.encode("utf-8", "surrogateescape"))
        refused += [
            {"cache": zone.name, "key": key.decode("utf-8", "replace"),
             "reason": Reason(number).shown, "at": http_date(int(at)).decode()}
            for number, at, key in zone.refusals()
            if key.endswith(text)
        ]  # fmt: skip
    return {"url": url, "stored": stored, "not_stored": refused[:20]}


def _stored(zone: Zone, text: bytes, whole: bytes) -> list[dict[str, Any]]:
    store = zone.opened()
    if store is None:
        return []
    found = []
    with store.reading() as tables:
        for key, octets in tables.entries.items():
            name = key.partition(variant.MARK)[0]
            if (name.endswith(text) or name == whole) and (made := entry.read(octets)) is not None:
                if not made.flags & SPLIT:
                    found.append({"cache": zone.name, **_described(zone, key, made)})
                if len(found) >= MOST_LISTED:
                    break
    return found


KINDS: dict[str, Callable[[bytes, bool], purge.Purge]] = {
    "key": lambda text, soft: purge.one(variant.stored_under(text), soft),
    "prefix": purge.prefix,
    "tag": purge.tag,
    "all": lambda _text, soft: purge.everything(soft),
}


def purge_entries(name: str, kind: str, text: str = "", mode: str = "hard") -> dict[str, Any]:
    """Purge by "key", "prefix", "tag" or "all"; `mode`: "hard", "soft", or "dry" to only count."""
    if kind not in KINDS:
        raise CacheRefusedError(f"a purge is by {', '.join(KINDS)}; not by {kind}")
    if mode not in ("hard", "soft", "dry"):
        raise CacheRefusedError(f"a purge is hard, soft or dry; not {mode}")
    what = text.encode("utf-8", "surrogateescape")
    purged = {}
    for zone in _chosen(name):
        if mode == "dry":
            purged[zone.name] = _met(zone, kind, what)
            continue
        zone.note_purge()
        job = Job(zone, 0, KINDS[kind](what, mode == "soft"), lambda _: None)
        ((_, outcome),) = perform(zone, [job])
        if isinstance(outcome, Exception):
            raise CacheRefusedError(str(outcome))
        purged[zone.name] = outcome
    return {"purged": purged, "mode": mode}


def purge_many(name: str, texts: str, mode: str = "hard") -> dict[str, Any]:
    """Purge by each [kind, text] of a JSON list; `purged` is the sum of what each has met."""
    count = sum(
        sum(purge_entries(name, kind, text, mode)["purged"].values())
        for kind, text in json.loads(texts)
    )
    return {"purged": count, "soft": mode == "soft", "dry_run": mode == "dry"}


def _met(zone: Zone, kind: str, what: bytes) -> int:
    """Return how many answers a purge would meet."""
    store = zone.opened()
    if store is None:
        return 0
    with store.reading() as tables:
        if kind == "tag":
            return len(tables.tags.values(what.lower()))
        if kind == "all":
            return shelf.sums(tables)[0]
        key = variant.stored_under(what) if kind == "key" else what
        count = 0
        for found, octets in tables.entries.items(key):
            if not found.startswith(key):
                break
            if kind == "key" and found != key and not found.startswith(variant.family(key)):
                continue
            made = entry.read(octets)
            count += made is not None and not made.flags & SPLIT
        return count
