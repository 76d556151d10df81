"""ssi: Server Side Includes."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, Arguments, accepted, row


def types(args: Arguments) -> tuple[str, ...]:
    """Read media types; text/html is always among them, * means all."""
    return tuple(dict.fromkeys(["text/html", *(word.lower() for word in args.words)]))


ROWS = [
    row(
        "ssi", [*HSL, LOCATION_IF], values.flag, "process SSI commands in responses", default=False
    ),
    row(
        "ssi_types",
        HSL,
        types,
        "media types of such responses",
        args=(1, None),
        default=("text/html",),
    ),
    row(
        "ssi_last_modified", HSL, values.flag, "keep Last-Modified of such responses", default=False
    ),
    row(
        "ssi_silent_errors",
        HSL,
        values.flag,
        "leave no text behind where a command fails",
        default=False,
    ),
    accepted("ssi_value_length", HSL, values.size),
    accepted("ssi_min_file_chunk", HSL, values.size),
    accepted("ssi_ignore_recycled_buffers", HSL, values.flag),
]
