"""proxy_redirect: an upstream's own addresses in Location and Refresh become ours."""

from __future__ import annotations

import re
from typing import Any

from forkproxy.core.exchange import Exchange
from forkproxy.core.expressions import Expression, Slot
from forkproxy.core.faults import absolute
from forkproxy.wire.fields import Fields

_URL = re.compile(rb"url=", re.IGNORECASE)

Rule = tuple[Expression, re.Pattern[bytes] | None, Any, Expression]


class Redirects:
    """The proxy_redirect lines of one location; called with each answer that redirects."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def __bool__(self) -> bool:
        return bool(self._rules)

    def add(
        self,
        source: Expression,
        pattern: re.Pattern[bytes] | None,
        captures: tuple[tuple[str, Slot], ...],
        replacement: Expression,
    ) -> None:
        """Add a rule: `replacement` for a URL's beginning `source`, or all that a pattern fits."""
        self._rules.append((source, pattern, captures, replacement))

    def __call__(self, exchange: Exchange, fields: Fields) -> None:
        """Rewrite Location and Refresh in place."""
        location = fields.get(b"location")
        if location is not None:
            found = self._rewritten(exchange, location)
            if found is not None:
                fields.set(b"Location", absolute(exchange, found))
        refresh = fields.get(b"refresh")
        if refresh is not None:
            mark = _URL.search(refresh)
            found = self._rewritten(exchange, refresh[mark.end() :]) if mark else None
            if mark and found is not None:
                fields.set(b"Refresh", refresh[: mark.end()] + found)

    def _rewritten(self, exchange: Exchange, url: bytes) -> bytes | None:
        """Return the URL by the first rule that fits, None where none does."""
        for source, pattern, captures, replacement in self._rules:
            if pattern is not None:
                match = pattern.search(url)
                if match is None:
                    continue
                exchange.keep_match(match, captures)
                return replacement(exchange)
            prefix = source(exchange)
            if url.startswith(prefix):
                return replacement(exchange) + url[len(prefix) :]
        return None
