"""add_before_body and add_after_body: other answers before and behind a response."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, row

ROWS = [
    row(
        "add_before_body",
        HSL,
        values.word,
        "path whose answer is sent before the content; empty for none",
        default="",
    ),
    row(
        "add_after_body",
        HSL,
        values.word,
        "path whose answer is sent behind the content; empty for none",
        default="",
    ),
    row(
        "addition_types",
        HSL,
        values.media_types,
        "media types of such responses; text/html always, * for all",
        args=(1, None),
        repeat=True,
        default=frozenset({"text/html"}),
    ),
]
