"""The one table of directives.

Each family has its file, and each file its ROWS. A name may have more rows than one:
`server` is a virtual server in http and a peer in upstream.
"""

from __future__ import annotations

import difflib
import functools

from forkproxy.config.directives import (
    accepted,
    access,
    acme,
    addition,
    auth_basic,
    auth_jwt,
    auth_request,
    autoindex,
    balance,
    cache,
    charset,
    client,
    compress,
    content,
    disable_symlinks,
    gateways,
    geo,
    gzip,
    headers,
    health,
    http2,
    https,
    keyval,
    limit,
    limit_except,
    listen,
    log,
    map,
    mirror,
    process,
    proxy,
    proxy_cookie,
    proxy_preset,
    proxy_store,
    proxy_tls,
    realip,
    referer,
    refused,
    rewrite,
    secure_link,
    server,
    split_clients,
    ssi,
    status,
    sticky,
    sub_filter,
    tls,
    upstream,
    userid,
)
from forkproxy.config.row import Row, Tier

FAMILIES = (
    process,
    server,
    listen,
    tls,
    acme,
    https,
    client,
    content,
    disable_symlinks,
    headers,
    rewrite,
    map,
    keyval,
    geo,
    split_clients,
    referer,
    realip,
    limit_except,
    mirror,
    ssi,
    sub_filter,
    charset,
    addition,
    autoindex,
    userid,
    compress,
    gzip,
    proxy,
    proxy_cookie,
    proxy_tls,
    proxy_preset,
    proxy_store,
    cache,
    gateways,
    upstream,
    status,
    balance,
    sticky,
    health,
    http2,
    log,
    access,
    auth_basic,
    auth_jwt,
    auth_request,
    secure_link,
    limit,
    accepted,
    refused,
)

_MAKES_A_NEAR_MISS = 0.7  # difflib's ratio


def _table() -> dict[str, tuple[Row, ...]]:
    table: dict[str, tuple[Row, ...]] = {}
    for family in FAMILIES:
        for row in family.ROWS:
            table[row.name] = (*table.get(row.name, ()), row)
    return table


TABLE = _table()


@functools.lru_cache(maxsize=8192)
def find(name: str, context: str) -> Row | None:
    """Return the row of a directive where it may stand in this place."""
    return next((row for row in TABLE.get(name, ()) if context in row.contexts), None)


@functools.lru_cache(maxsize=1024)
def near(name: str, context: str = "") -> str:
    """Return the directive that was probably meant, "" where none is near.

    One that may stand in this place goes before another that is as near.
    """
    usable = {
        known: any(context in row.contexts for row in rows)
        for known, rows in TABLE.items()
        if rows[0].tier is not Tier.REFUSED
    }
    found = difflib.get_close_matches(name, usable, 3, _MAKES_A_NEAR_MISS)
    best = max((_likeness(name, one) for one in found), default=0.0)
    equal = [one for one in found if _likeness(name, one) == best]
    return next((one for one in equal if usable[one]), equal[0] if equal else "")


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, other, one).ratio()
