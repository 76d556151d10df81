"""keyval zones in the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forkproxy.master.api.call import Call
from forkproxy.master.api.general import DONE
from forkproxy.master.keyvals import Pair
from forkproxy.master.reply import Refused, Reply

CREATED = Reply(data={}, status=201)


def zones(call: Call) -> Reply:
    """Return what is in all zones."""
    keyvals = call.master.keyvals
    found = {name: keyvals.of(name).pairs(name) for name in keyvals.names()}
    return Reply(data=call.collection(found))


def zone(call: Call, name: str) -> Reply:
    """Return what is in a zone, or the one pair that `?key=` names."""
    pairs = call.master.keyvals.of(name).pairs(name)
    key = call.arguments.get("key")
    if key is None:
        return Reply(data=pairs)
    if key not in pairs:
        raise Refused("keyval key not found", "KeyvalKeyNotFound", 404)
    return Reply(data={key: pairs[key]})


def add(call: Call, name: str) -> Reply | None:
    """Add pairs."""
    store = call.master.keyvals.of(name)
    pairs = {key: _pair(value) for key, value in _content(call).items()}
    if any(value is None for value, _ in pairs.values()):
        raise Refused("value is required", "KeyvalFormatError")
    store.add(name, pairs)
    return call.master.keyvals_known(call.client, CREATED)


def change(call: Call, name: str) -> Reply | None:
    """Change values or times, or delete: null."""
    store = call.master.keyvals.of(name)
    pairs = {key: None if value is None else _pair(value) for key, value in _content(call).items()}
    store.change(name, pairs)
    return call.master.keyvals_known(call.client, DONE)


def clear(call: Call, name: str) -> Reply | None:
    """Empty a zone."""
    call.master.keyvals.of(name).clear(name)
    return call.master.keyvals_known(call.client, DONE)


def _content(call: Call) -> Mapping[str, Any]:
    pairs = call.content()
    if not pairs or "" in pairs:
        raise Refused("key required", "KeyvalFormatError")
    return pairs


def _pair(given: Any) -> Pair:
    """Read "value" or {"value": "…", "expire": milliseconds}. Raises Refused."""
    if isinstance(given, str) or type(given) is int:
        return str(given), None
    if not isinstance(given, dict) or not given or given.keys() - {"value", "expire"}:
        raise Refused("invalid value", "KeyvalFormatError")
    value, expire = given.get("value"), given.get("expire")
    if type(value) is int:
        value = str(value)
    if "value" in given and not isinstance(value, str):
        raise Refused("invalid value", "KeyvalFormatError")
    if "expire" in given and (type(expire) is not int or expire < 0):
        raise Refused("invalid expire", "KeyvalFormatError")
    return value, None if expire is None else expire / 1000.0
