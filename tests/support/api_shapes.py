"""The shapes of NGINX Plus' API, version 9, as far as they are ours: what each answer must be.

A shape is a type, a dict of shapes (a name that ends in "?" may be missing), a list of one shape,
or Map(shape) for names that are the user's.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Map:
    """An object whose names are the user's."""

    of: Any


CLASSES = dict.fromkeys(("1xx", "2xx", "3xx", "4xx", "5xx", "total"), int)
RESPONSES = {**CLASSES, "codes": Map(int)}
SLOT = dict.fromkeys(("used", "free", "reqs", "fails"), int)
SLAB = {"pages": {"used": int, "free": int}, "slots": Map(SLOT)}
CONNECTIONS = {"accepted": int, "dropped": int, "active": int, "idle": int}
READ = {"responses": int, "bytes": int}
WRITTEN = {**READ, "responses_written": int, "bytes_written": int}
LOCATION_ZONE = {
    "requests": int,
    "responses": RESPONSES,
    "discarded": int,
    "received": int,
    "sent": int,
}
HANDSHAKES = {"handshakes": int, "handshakes_failed": int, "session_reuses": int}
SERVER_ZONE = {**LOCATION_ZONE, "processing": int, "ssl": HANDSHAKES}
PEER = {
    "id": int,
    "server": str,
    "name": str,
    "backup": bool,
    "weight": int,
    "state": ("up", "draining", "down", "unavail", "checking", "unhealthy"),
    "active": int,
    "max_conns?": int,
    "requests": int,
    "header_time?": int,
    "response_time?": int,
    "response_time_hist?": {"count": int, "sum": int, "buckets": Map(int)},
    "responses": RESPONSES,
    "sent": int,
    "received": int,
    "fails": int,
    "unavail": int,
    "health_checks": {"checks": int, "fails": int, "unhealthy": int, "last_passed?": bool},
    "downtime": int,
    "downstart?": str,
    "selected?": str,
}
UPSTREAM = {
    "peers": [PEER],
    "keepalive": int,
    "zombies": int,
    "zone": str,
    "queue?": {"size": int, "max_size": int, "overflows": int},
}
SERVER = {
    "id": int,
    "server": str,
    "service?": str,
    "weight": int,
    "max_conns": int,
    "max_fails": int,
    "fail_timeout": str,
    "slow_start": str,
    "route": str,
    "backup": bool,
    "down": bool,
    "drain?": bool,
    "parent?": int,
    "host?": str,
}
CACHE = {
    "size": int,
    "max_size?": int,
    "cold": bool,
    **dict.fromkeys(("hit", "stale", "updating", "revalidated"), READ),
    **dict.fromkeys(("miss", "expired", "bypass"), WRITTEN),
}
SSL = {
    **HANDSHAKES,
    "no_common_protocol": int,
    "no_common_cipher": int,
    "handshake_timeout": int,
    "peer_rejected_cert": int,
    "verify_failures": dict.fromkeys(
        ("no_cert", "expired_cert", "revoked_cert", "hostname_mismatch", "other"), int
    ),
}
LIMIT_REQ = dict.fromkeys(
    ("passed", "delayed", "rejected", "delayed_dry_run", "rejected_dry_run"), int
)
LIMIT_CONN = dict.fromkeys(("passed", "rejected", "rejected_dry_run"), int)
ERROR = {
    "error": {"status": int, "text": str, "code": str},
    "request_id": str,
    "href": str,
}
# By the path below /api/9/; a * stands for one of the user's names.
ANSWERS = {
    "": [str],
    "nginx": {
        "version": str,
        "build": str,
        "address": str,
        "generation": int,
        "load_timestamp": str,
        "timestamp": str,
        "pid": int,
        "ppid": int,
    },
    "processes": {"respawned": int},
    "connections": CONNECTIONS,
    "slabs": Map(SLAB),
    "slabs/banned": SLAB,
    "ssl": SSL,
    "workers": [
        {
            "id": int,
            "pid": int,
            "connections": CONNECTIONS,
            "http": {"requests": {"total": int, "current": int}},
        }
    ],
    "http": [str],
    "http/requests": {"total": int, "current": int},
    "http/server_zones": Map(SERVER_ZONE),
    "http/location_zones": Map(LOCATION_ZONE),
    "http/caches": Map(CACHE),
    "http/limit_reqs": Map(LIMIT_REQ),
    "http/limit_conns": Map(LIMIT_CONN),
    "http/keyvals": Map(Map(str)),
    "http/upstreams": Map(UPSTREAM),
    "http/upstreams/*": UPSTREAM,
    "http/upstreams/*/servers": [SERVER],
    "http/upstreams/*/servers/*": SERVER,
    "resolvers": Map({"requests": Map(int), "responses": Map(int)}),
}


def faults(shape, found, where="answer"):
    """Return what is wrong with an answer, as sentences; nothing where it has the shape."""
    if isinstance(shape, Map):
        if not isinstance(found, dict):
            return [f"{where} is no object"]
        return [one for name in found for one in faults(shape.of, found[name], f"{where}.{name}")]
    if isinstance(shape, list):
        if not isinstance(found, list):
            return [f"{where} is no list"]
        return [one for item in found for one in faults(shape[0], item, f"{where}[]")]
    if isinstance(shape, tuple):
        return [] if found in shape else [f"{where} is {found!r}"]
    if isinstance(shape, dict):
        return _members(shape, found, where)
    return [] if type(found) is shape else [f"{where} is {found!r}, not {shape.__name__}"]


def _members(shape, found, where):
    if not isinstance(found, dict):
        return [f"{where} is no object"]
    names = {name.removesuffix("?"): name for name in shape}
    wrong = [f"{where} has {name}" for name in found if name not in names]
    for name, written in names.items():
        if name in found:
            wrong += faults(shape[written], found[name], f"{where}.{name}")
        elif not written.endswith("?"):
            wrong.append(f"{where} lacks {name}")
    return wrong
