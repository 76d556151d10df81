"""One family of directives under the names of another.

nginx says everything about upstreams once for each protocol: `fastcgi_read_timeout` is to
fastcgi_pass what `proxy_read_timeout` is to proxy_pass. Here the rows of the proxy_* directives are
copied under other prefixes, and whoever reads them reads the copies through a `Twin`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from forkproxy.config.row import Row

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive, Scope

ORIGINAL = "proxy_"


class Twin:
    """A scope in which "proxy_x" is read from the lines of "fastcgi_x".

    What that family does not have says its default. Other names mean what they always do.
    """

    def __init__(self, scope: Scope, prefix: str, suffixes: Collection[str]) -> None:
        self.scope = scope
        self.prefix = prefix
        self._suffixes = suffixes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scope, name)

    def value(self, name: str) -> Any:
        """Return what the twin of a directive says here, or the default of the directive."""
        twin = self._twin(name)
        return self.scope.value(twin) if twin else self.scope.default(name)

    def given(self, name: str) -> Directive | None:
        twin = self._twin(name)
        return self.scope.given(twin) if twin else None

    def lines(self, name: str) -> tuple[Directive, ...]:
        twin = self._twin(name)
        return self.scope.lines(twin) if twin else ()

    def own(self, name: str) -> tuple[Directive, ...]:
        twin = self._twin(name)
        return self.scope.own(twin) if twin else ()

    def _twin(self, name: str) -> str:
        """Return the name that is meant; "" where the family has none like it."""
        if not name.startswith(ORIGINAL):
            return name
        suffix = name.removeprefix(ORIGINAL)
        return f"{self.prefix}_{suffix}" if suffix in self._suffixes else ""


def copies(
    rows: Iterable[Row], prefix: str, suffixes: Collection[str], **changes: Any
) -> list[Row]:
    """Return the rows of proxy_* directives once more, under another prefix."""
    return [
        dataclasses.replace(
            row,
            name=f"{prefix}_{row.name.removeprefix(ORIGINAL)}",
            derive=_derived(row, prefix, suffixes),
            **changes,
        )
        for row in rows
        if row.name.removeprefix(ORIGINAL) in suffixes
    ]


def _derived(row: Row, prefix: str, suffixes: Collection[str]) -> Any:
    derive: Any = row.derive
    if derive is None:
        return None
    return lambda scope: derive(Twin(scope, prefix, suffixes))
