"""ssi: Server Side Includes."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, accepted, row

ROWS = [
    row(
        "ssi", [*HSL, LOCATION_IF], values.flag, "process SSI commands in responses", default=False
    ),
    row(
        "ssi_types",
        HSL,
        values.media_types,
        "media types of such responses",
        args=(1, None),
        repeat=True,
        default=frozenset({"text/html"}),
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
