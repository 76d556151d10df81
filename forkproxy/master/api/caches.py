"""/api/9/forkproxy/cache/…: what is stored, and what is to go, in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from forkproxy.master.api.call import Call
from forkproxy.master.cache_orders import asking
from forkproxy.master.reply import Refused, Reply

# The members of a purge, and what they are called where Cloudflare's clients say it.
KINDS = {"tags": "tag", "prefixes": "prefix", "urls": "key"}
ALIASES = {"files": "urls", "purge_everything": "everything"}
FLAGS = ("everything", "soft", "dry_run")


def purge(call: Call, zone: str) -> Reply | None:
    """Purge by any of `tags`, `prefixes` and `urls` (keys as they are stored), or `everything`."""
    _known(call, zone)
    given = {ALIASES.get(name, name): value for name, value in call.content().items()}
    kinds = _kinds(given)
    mode = "soft" if given.get("soft") else "hard"
    return _ask(call, "purges", zone, json.dumps(kinds), "dry" if given.get("dry_run") else mode)


def entries(call: Call, zone: str) -> Reply | None:
    """List what is stored: `?prefix=` of the keys, `?tag=`, and no more than `?limit=`."""
    _known(call, zone)
    limit = call.arguments.get("limit", "")
    if limit and not (limit.isascii() and limit.isdecimal()):
        raise Refused("invalid limit", "BadArguments")
    words = (call.arguments.get("prefix", ""), call.arguments.get("tag", ""), limit)
    return _ask(call, "ls", zone, *words)


def _ask(call: Call, *words: str) -> Reply | None:
    verb, *arguments = words
    return asking(verb)(call.master, arguments, call.client)


def _known(call: Call, zone: str) -> None:
    if zone not in call.master.counted.cells.directory.tallies("cache"):
        raise Refused("cache not found", "CacheNotFound", 404)


def _kinds(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (kind, text) of each purge that is asked for. Raises Refused."""
    unknown = [name for name in given if name not in (*KINDS, *FLAGS)]
    if unknown:
        raise Refused(f'unknown parameter "{unknown[0]}"', "BadArguments")
    if any(not isinstance(given.get(name, False), bool) for name in FLAGS):
        raise Refused("invalid boolean value", "BadArguments")
    found: list[tuple[str, str]] = [("all", "")] if given.get("everything") else []
    for name, kind in KINDS.items():
        texts = given.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(one, str) and one for one in texts):
            raise Refused(f'"{name}" is a list of strings', "BadArguments")
        found += [(kind, text) for text in texts]
    if not found:
        raise Refused("nothing to purge", "BadArguments")
    return found
