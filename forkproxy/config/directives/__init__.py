"""The one table of directives.

Each family has its file, and each file its ROWS. A name may have more rows than one:
`server` is a virtual server in http and a peer in upstream.
"""

from __future__ import annotations

import difflib
import functools

from forkproxy.config.directives import (
    accepted,
    auth_request,
    client,
    content,
    headers,
    listen,
    log,
    map,
    process,
    proxy,
    refused,
    rewrite,
    server,
    status,
    upstream,
)
from forkproxy.config.row import Row, Tier

FAMILIES = (
    process,
    server,
    listen,
    client,
    content,
    headers,
    rewrite,
    map,
    proxy,
    upstream,
    status,
    log,
    auth_request,
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


def near_anywhere(name: str) -> str:
    """Return the name that was probably meant, wherever it stands; "" where none is near."""
    found = difflib.get_close_matches(name, TABLE, 1, _MAKES_A_NEAR_MISS)
    return found[0] if found else ""


@functools.lru_cache(maxsize=1024)
def near(name: str, context: str) -> str:
    """Return the name that was probably meant, "" where none is near."""
    here = [
        known
        for known, rows in TABLE.items()
        if any(context in row.contexts and row.tier is not Tier.REFUSED for row in rows)
    ]
    found = difflib.get_close_matches(name, here, 1, _MAKES_A_NEAR_MISS)
    return found[0] if found else ""
