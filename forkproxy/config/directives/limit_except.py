"""limit_except: what holds for requests of all methods but some."""

from __future__ import annotations

from forkproxy.config.row import LIMIT_EXCEPT, LOCATION, Arguments, Invalid, row

_METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND"),
        *("PROPPATCH", "LOCK", "UNLOCK", "PATCH", "CONNECT", "TRACE"),
    )
)


def limit_except(args: Arguments) -> frozenset[str]:
    """Read the methods for which the block does not hold; GET brings HEAD along."""
    for word, method in enumerate(args.words, 1):
        if method.upper() not in _METHODS:
            raise Invalid(f'invalid method "{method}"', word)
    methods = frozenset(method.upper() for method in args.words)
    return methods | {"HEAD"} if "GET" in methods else methods


ROWS = [
    row(
        "limit_except",
        [LOCATION],
        limit_except,
        "method … { }: what holds for requests of all other methods",
        args=(1, None),
        inside=LIMIT_EXCEPT,
        stand_in=frozenset(),
    ),
]
