"""sub_filter: texts that are replaced in responses."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template


def sub_filter(args: Arguments) -> tuple[Template, Template]:
    """Read what to look for and what to put in its place, both with variables."""
    if not args[0]:
        raise Invalid("empty search pattern")
    return values.template_at(args, 0), values.template_at(args, 1)


ROWS = [
    row(
        "sub_filter",
        HSL,
        sub_filter,
        "text to look for in any case, and what to put in its place",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("sub_filter_once", HSL, values.flag, "replace each text only once", default=True),
    row(
        "sub_filter_types",
        HSL,
        values.media_types,
        "media types of such responses; text/html always, * for all",
        args=(1, None),
        repeat=True,
        default=frozenset({"text/html"}),
    ),
    row(
        "sub_filter_last_modified",
        HSL,
        values.flag,
        "keep Last-Modified of such responses",
        default=False,
    ),
]
