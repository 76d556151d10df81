"""What people order of caches: purges and pins, of what they choose, and how many that were."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from forkproxy.cache import choice, pins, shelf
from forkproxy.cache import purge as purges
from forkproxy.cache.choice import Choice
from forkproxy.cache.job import Job
from forkproxy.cache.scribe import perform
from forkproxy.cache.shelf import Shelf
from forkproxy.cache.zone import Zone, zones
from forkproxy.errors import ForkproxyError

PINNING: dict[str, Callable[[Choice], Callable[[Shelf], int]]] = {
    "pin": pins.pin,
    "unpin": pins.unpin,
}


class CacheRefusedError(ForkproxyError):
    """What was asked for cannot be."""


def chosen(name: str) -> list[Zone]:
    """Return the zone of a name, all of them for "-"."""
    found = zones()
    if name == "-":
        return list(found.values())
    if name not in found:
        raise CacheRefusedError(f"no such cache: {name}")
    return [found[name]]


def purge(name: str, kind: str, text: str = "", mode: str = "hard") -> dict[str, Any]:
    """Purge what is chosen; `mode`: "hard", "soft", or "dry" to only count."""
    which = _which(kind, text)
    if mode not in ("hard", "soft", "dry"):
        raise CacheRefusedError(f"a purge is hard, soft or dry; not {mode}")
    soft = mode == "soft"
    order = purges.everything(soft) if kind == "all" else purges.chosen(which, soft)
    purged = {}
    for zone in chosen(name):
        if mode == "dry":
            purged[zone.name] = _met(zone, kind, which)
        else:
            zone.note_purge()
            purged[zone.name] = _done(zone, order)
    return {"purged": purged, "mode": mode}


def purge_many(name: str, texts: str, mode: str = "hard") -> dict[str, Any]:
    """Purge by each [kind, text] of a JSON list; `purged` is the sum of what each has met."""
    count = sum(
        sum(purge(name, kind, text, mode)["purged"].values()) for kind, text in json.loads(texts)
    )
    return {"purged": count, "soft": mode == "soft", "dry_run": mode == "dry"}


def pin(name: str, kind: str, text: str = "", mode: str = "pin") -> dict[str, Any]:
    """Pin what is chosen, or let go of it; `mode`: "pin" or "unpin"."""
    which = _which(kind, text)
    if mode not in PINNING:
        raise CacheRefusedError(f"say pin or unpin; not {mode}")
    order = PINNING[mode](which)
    return {"pinned": {zone.name: _done(zone, order) for zone in chosen(name)}, "mode": mode}


def pin_many(name: str, texts: str, mode: str = "pin") -> dict[str, Any]:
    """Pin by each [kind, text] of a JSON list; the answer has the sum of what each has met."""
    count = sum(
        sum(pin(name, kind, text, mode)["pinned"].values()) for kind, text in json.loads(texts)
    )
    return {f"{mode}ned": count}


def _which(kind: str, text: str) -> Choice:
    if kind not in choice.BY:
        raise CacheRefusedError(f"an order is by {', '.join(choice.BY)}; not by {kind}")
    return choice.BY[kind](text.encode("utf-8", "surrogateescape"))


def _done(zone: Zone, order: Callable[[Shelf], int]) -> int:
    """Return how many answers an order has met, once it is carried out."""
    ((_, outcome),) = perform(zone, [Job(zone, 0, order, lambda _: None)])
    if isinstance(outcome, Exception):
        raise CacheRefusedError(f"{zone.name}: {outcome}")
    return int(outcome)


def _met(zone: Zone, kind: str, which: Choice) -> int:
    """Return how many answers a purge would meet."""
    store = zone.opened()
    if store is None:
        return 0
    with store.reading() as tables:
        if kind == "all":
            return shelf.sums(tables)[0]
        on = Shelf(tables)
        return on.answers(which(on))
