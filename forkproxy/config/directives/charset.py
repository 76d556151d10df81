"""charset: what Content-Type says of the letters of a response."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, Arguments, row
from forkproxy.config.template import Template


def charset(args: Arguments) -> Template | None:
    """Read a name, which may have variables; None for off."""
    return None if args[0] == "off" else values.template(args)


ROWS = [
    row(
        "charset",
        [*HSL, LOCATION_IF],
        charset,
        "name that is added to the Content-Type of responses, or off; nothing is converted",
    ),
    row(
        "charset_types",
        HSL,
        values.media_types,
        "media types of such responses; text/html always, * for all",
        args=(1, None),
        default=(
            "text/html",
            "text/xml",
            "text/plain",
            "text/vnd.wap.wml",
            "application/javascript",
            "application/rss+xml",
        ),
    ),
    row(
        "override_charset",
        [*HSL, LOCATION_IF],
        values.flag,
        "also in place of the name that an upstream gave",
        default=False,
    ),
]
