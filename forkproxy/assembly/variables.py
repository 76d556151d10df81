"""What features and the configuration itself define, before the first server is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forkproxy.assembly.names import server_names
from forkproxy.config.directives import proxy_preset
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.features import (
    COMPUTED,
    access,
    acme,
    auth_jwt,
    cache,
    charset,
    compress,
    keyval,
    limit_conn,
    limit_rate,
    limit_req,
    map,
    referer,
    script,
    secure_link,
    slice,
    static,
    stub_status,
    tls_variables,
    upstream,
    userid,
)


def define(http: Scope, making: Making) -> None:
    """Make known what expressions may name: all is declared before anything is compiled."""
    static.define(making)
    stub_status.define(making)
    userid.define(making)
    compress.define(making)
    cache.define(http, making)
    charset.define(http, making)
    maps = [*(line.value for line in http.lines("map")), *proxy_preset.MAPS]
    tls_variables.define(making)
    for guard in (access, auth_jwt, secure_link, limit_req, limit_conn, limit_rate, slice):
        guard.define(http, making)
    map.declare(maps, making)
    keyval.declare(http, making)
    referer.declare(making)
    script.declare(making)
    for feature in COMPUTED:
        feature.declare(http, making)
    declare_set(http, making)
    map.define(maps, making)
    keyval.define(http, making)
    for feature in COMPUTED:
        feature.define(http, making)
    upstream.define(http, making)
    acme.define(http, making)


_SETTERS = ("set", "auth_request_set")


def declare_set(level: Scope, making: Making) -> None:
    """Give every variable that `set` or a named group defines its slot, wherever it stands."""
    for directive in _SETTERS:
        for line in level.own(directive):
            if line.value.name != "args":
                making.slot(line.value.name)
    for pattern in _patterns(level):
        making.captures(pattern)
    for block in level.blocks():
        declare_set(block, making)


def _patterns(level: Scope) -> Iterable[Any]:
    subject = level.subject
    if getattr(subject, "pattern", None) is not None:
        yield subject.pattern
    for line in level.own("rewrite"):
        yield line.value.pattern
    for name in server_names(level):
        if name.pattern is not None:
            yield name.pattern
    for line in level.own("map"):
        for entry in line.value.entries:
            if entry.pattern is not None:
                yield entry.pattern
