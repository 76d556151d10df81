"""Which path and method of the API means what.

/api/9/http/upstreams/backend/servers/1: the version, then names, some of them the user's.
A slash at the end makes no difference. What is unknown is PathNotFound, which clients take for
"not configured". Beside it stands /metrics, which is Prometheus'.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from forkproxy.master.api import (
    caches,
    explaining,
    general,
    keyvals,
    limits,
    own,
    slabs,
    upstreams,
    zones,
)
from forkproxy.master.api.call import Call
from forkproxy.master.metrics import answer as metrics
from forkproxy.master.reply import Refused, Reply

VERSIONS = range(1, 10)
READING = ("GET", "HEAD")

Question = Callable[[], Reply | None]
Action = Callable[..., Reply | None]


@dataclass(frozen=True, slots=True)
class Route:
    """A path below the version, and what each method does there.

    `since` is the version of the API that brought it. A name in braces is the user's.
    """

    path: str
    since: int = 1
    get: Action | None = None
    post: Action | None = None
    patch: Action | None = None
    delete: Action | None = None

    def match(self, words: list[str]) -> list[str] | None:
        """Return the user's names in a path that is this one, else None."""
        names = self.path.split("/")
        if len(names) != len(words):
            return None
        pairs = list(zip(names, words, strict=True))
        if all(name == word or name.startswith("{") for name, word in pairs):
            return [word for name, word in pairs if name.startswith("{")]
        return None


SERVERS = "http/upstreams/{upstream}/servers"
ROUTES = (
    Route("nginx", get=general.nginx),
    Route("processes", get=general.processes, delete=general.reset_processes),
    Route("connections", get=general.connections, delete=general.reset_connections),
    Route("workers", 9, get=general.workers, delete=general.reset_workers),
    Route("workers/{id}", 9, get=general.worker, delete=general.reset_worker),
    Route("ssl", get=general.ssl, delete=general.reset_ssl),
    Route("slabs", get=slabs.slabs),
    Route("slabs/{zone}", get=slabs.slab, delete=slabs.reset),
    Route("http/requests", get=general.requests, delete=general.reset_requests),
    Route("http/server_zones", get=zones.server_zones),
    Route("http/server_zones/{zone}", get=zones.server_zone, delete=zones.reset_server_zone),
    Route("http/location_zones", 5, get=zones.location_zones),
    Route(
        "http/location_zones/{zone}", 5, get=zones.location_zone, delete=zones.reset_location_zone
    ),
    Route("http/caches", get=zones.caches),
    Route("http/caches/{zone}", get=zones.cache, delete=zones.reset_cache),
    Route("http/limit_reqs", 6, get=zones.limit_reqs),
    Route("http/limit_reqs/{zone}", 6, get=zones.limit_req, delete=zones.reset_limit_req),
    Route("http/limit_conns", 6, get=zones.limit_conns),
    Route("http/limit_conns/{zone}", 6, get=zones.limit_conn, delete=zones.reset_limit_conn),
    Route("resolvers", 5, get=zones.resolvers),
    Route("resolvers/{zone}", 5, get=zones.resolver, delete=zones.reset_resolver),
    Route("http/keyvals", get=keyvals.zones),
    Route(
        "http/keyvals/{zone}",
        get=keyvals.zone,
        post=keyvals.add,
        patch=keyvals.change,
        delete=keyvals.clear,
    ),
    Route("http/upstreams", get=upstreams.upstreams),
    Route("http/upstreams/{upstream}", get=upstreams.upstream, delete=upstreams.reset),
    Route(SERVERS, get=upstreams.servers, post=upstreams.add),
    Route(
        SERVERS + "/{id}",
        get=upstreams.server,
        patch=upstreams.change,
        delete=upstreams.remove,
    ),
    Route("forkproxy", get=own.names),
    Route("forkproxy/cache/{zone}/purge", post=caches.purge),
    Route("forkproxy/cache/{zone}/pin", post=caches.pin),
    Route("forkproxy/cache/{zone}/unpin", post=caches.unpin),
    Route("forkproxy/cache/{zone}/entries", get=caches.entries),
    Route("forkproxy/events", get=own.events),
    Route("forkproxy/limits", get=limits.limits),
    Route("forkproxy/limits/{zone}", get=limits.limit, patch=limits.change),
    Route("forkproxy/explain", get=explaining.explain),
    Route("forkproxy/certs/reload", post=own.reload),
)
TOP = ("nginx", "processes", "connections", "slabs", "http", "resolvers", "ssl", "workers")
HTTP = (
    "requests",
    "server_zones",
    "location_zones",
    "caches",
    "limit_conns",
    "limit_reqs",
    "keyvals",
    "upstreams",
)


def answer(call: Call) -> Reply | None:
    """Return the answer to a request; None where it comes later."""
    try:
        return _answer(call)
    except Refused as refused:
        return refused.reply()


def _answer(call: Call) -> Reply | None:
    whole = [unquote(word) for word in call.path.strip("/").split("/")]
    words = [word for word in whole if word]
    if words == ["metrics"]:
        return metrics.answer(call)
    if not words or words.pop(0) != "api":
        raise Refused("path not found", "PathNotFound", 404)
    if not words:
        return _listed(call, list(VERSIONS))
    call.version = _version(words.pop(0))
    if not words:
        return _listed(call, _since(call.version, "", TOP))
    if words == ["http"]:
        return _listed(call, _since(call.version, "http/", HTTP))
    for route in ROUTES:
        names = route.match(words)
        if names is not None and route.since <= call.version:
            return _act(route, call, names)
    if words[0] == "forkproxy":
        return own.run(call, whole[whole.index("forkproxy") + 1 :])  # an argument may be empty
    raise Refused("path not found", "PathNotFound", 404)


def _act(route: Route, call: Call, names: list[str]) -> Reply | None:
    name = "get" if call.method in READING else call.method.lower()
    action = getattr(route, name, None) if name in ("get", "post", "patch", "delete") else None
    if action is None or (name != "get" and not call.write):
        raise Refused("method disabled", "MethodDisabled", 405)
    reply: Reply | None = action(call, *names)
    return reply


def _listed(call: Call, names: list[int] | list[str]) -> Reply:
    if call.method not in READING:
        raise Refused("method disabled", "MethodDisabled", 405)
    return Reply(data=names)


def _version(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and int(word) in VERSIONS):
        raise Refused("unknown version", "UnknownVersion", 404)
    return int(word)


def _since(version: int, above: str, names: tuple[str, ...]) -> list[str]:
    """Return the names that a version of the API knew."""
    since = {route.path: route.since for route in ROUTES}
    return [name for name in names if since.get(above + name, 1) <= version]
