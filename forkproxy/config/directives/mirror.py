"""mirror: a copy of each request goes to other locations too, whose answers nobody sees."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, Arguments, Inherit, Invalid, row


def mirror(args: Arguments) -> str | None:
    """Read a path inside, or off; None for off."""
    if args[0] == "off":
        if args.level.own("mirror"):
            raise args.refuse("is duplicate")
        return None
    if any(line.value is None for line in args.level.own("mirror")):
        raise Invalid('"off" parameter cannot be used with other "mirror" lines', 0)
    return args[0]


ROWS = [
    row(
        "mirror",
        HSL,
        mirror,
        "path of a location that gets a copy of each request, or off",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("mirror_request_body", HSL, values.flag, "the copy has the request's body", default=True),
]
