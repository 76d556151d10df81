"""/api/9/forkproxy/cache/…: what is stored, and what is to go or to stay, in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from forkproxy.master.api.call import Call
from forkproxy.master.cache_orders import asking
from forkproxy.master.reply import Refused, Reply

# The members of a purge, and what they are called where Cloudflare's clients say it.
KINDS = {"tags": "tag", "prefixes": "prefix", "hosts": "host", "urls": "key"}
ALIASES = {"files": "urls", "purge_everything": "everything"}
FLAGS = ("everything", "soft", "dry_run")


def purge(call: Call, zone: str) -> Reply | None:
    """Purge by any of `tags`, `prefixes`, `hosts` and `urls` (keys as stored), or `everything`."""
    _known(call, zone)
    given = _given(call)
    kinds = _kinds(given, FLAGS)
    mode = "soft" if given.get("soft") else "hard"
    return _ask(call, "purges", zone, json.dumps(kinds), "dry" if given.get("dry_run") else mode)


def pin(call: Call, zone: str) -> Reply | None:
    """Let by any of the same not be evicted."""
    return _pin(call, zone, "pin")


def unpin(call: Call, zone: str) -> Reply | None:
    """And let it be, again."""
    return _pin(call, zone, "unpin")


def _pin(call: Call, zone: str, mode: str) -> Reply | None:
    _known(call, zone)
    return _ask(call, "pins", zone, json.dumps(_kinds(_given(call), ("everything",))), mode)


def entries(call: Call, zone: str) -> Reply | None:
    """List what is stored: `?prefix=` of the keys, `?tag=`, `?pinned=1`, at the most `?limit=`."""
    _known(call, zone)
    limit = call.arguments.get("limit", "")
    if limit and not (limit.isascii() and limit.isdecimal()):
        raise Refused("invalid limit", "BadArguments")
    prefix, tag, pinned = (call.arguments.get(name, "") for name in ("prefix", "tag", "pinned"))
    return _ask(call, "ls", zone, prefix, tag, limit, "" if pinned == "0" else pinned)


def _ask(call: Call, *words: str) -> Reply | None:
    verb, *arguments = words
    return asking(verb)(call.master, arguments, call.client)


def _known(call: Call, zone: str) -> None:
    if zone not in call.master.counted.cells.directory.tallies("cache"):
        raise Refused("cache not found", "CacheNotFound", 404)


def _given(call: Call) -> dict[str, Any]:
    return {ALIASES.get(name, name): value for name, value in call.content().items()}


def _kinds(given: Mapping[str, Any], flags: Sequence[str]) -> list[tuple[str, str]]:
    """Return (kind, text) of each thing that is chosen. Raises Refused."""
    unknown = [name for name in given if name not in (*KINDS, *flags)]
    if unknown:
        raise Refused(f'unknown parameter "{unknown[0]}"', "BadArguments")
    if any(not isinstance(given.get(name, False), bool) for name in flags):
        raise Refused("invalid boolean value", "BadArguments")
    found: list[tuple[str, str]] = [("all", "")] if given.get("everything") else []
    for name, kind in KINDS.items():
        texts = given.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(one, str) and one for one in texts):
            raise Refused(f'"{name}" is a list of strings', "BadArguments")
        found += [(kind, text) for text in texts]
    if not found:
        raise Refused("nothing is chosen", "BadArguments")
    return found
