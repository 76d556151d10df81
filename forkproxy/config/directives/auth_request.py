"""auth_request: ask a location inside whether a request may come in."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.directives.rewrite import set_
from forkproxy.config.row import HSL, Arguments, Inherit, row


def ask(args: Arguments) -> str:
    """Read a path; "" for off."""
    return "" if args[0] == "off" else values.word(args)


ROWS = [
    row(
        "auth_request",
        HSL,
        ask,
        "uri | off: let in whom a subrequest to uri answers 2xx, refuse with its 401 or 403",
        default="",
    ),
    row(
        "auth_request_set",
        HSL,
        set_,
        "$variable value: set when the auth_request has its answer; value sees that answer",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
]
