"""gzip: which answers are compressed, and for whom."""

from __future__ import annotations

import re

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.directives import compress
from forkproxy.config.row import HSL, Arguments, Inherit, accepted, row

_OLD_EXPLORERS = "msie6"  # a word that nginx knows
_SMALLEST_WINDOW, _LARGEST_WINDOW = 512, 32768


def disable(args: Arguments) -> tuple[re.Pattern[bytes] | None, ...]:
    """Read patterns of User-Agent; None stands for the word msie6."""
    return tuple(
        None if text == _OLD_EXPLORERS else values.pattern_at(args, index, text, ignore_case=True)
        for index, text in enumerate(args.words, 1)
    )


def window(args: Arguments) -> int:
    """Read a power of two."""
    try:
        size = units.parse_size(args[0])
    except ValueError:
        raise args.refuse("invalid value") from None
    if size & (size - 1) or not _SMALLEST_WINDOW <= size <= _LARGEST_WINDOW:
        raise args.refuse("must be 512, 1k, 2k, 4k, 8k, 16k, or 32k")
    return size


ROWS = [
    *compress.rows("gzip", range(1, 10), 1, 1),
    row(
        "gzip_proxied",
        HSL,
        values.choices(
            "off",
            "expired",
            "no-cache",
            "no-store",
            "private",
            "no_last_modified",
            "no_etag",
            "auth",
            "any",
        ),
        "which responses to compress for requests with Via, which come from another proxy",
        args=(1, None),
        default=frozenset({"off"}),
        repeat=True,
    ),
    row(
        "gzip_vary",
        HSL,
        values.flag,
        'add "Vary: Accept-Encoding" where content may be compressed, in any coding',
        default=False,
        preset=True,
    ),
    row(
        "gzip_http_version",
        HSL,
        values.choice("1.0", "1.1"),
        "the oldest HTTP whose clients are sent gzip",
        default="1.1",
    ),
    row(
        "gzip_disable",
        HSL,
        disable,
        "patterns of User-Agent that are not sent gzip; msie6 for Internet Explorer 4 to 6",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "gzip_window",
        HSL,
        window,
        "memory for what content may refer back to; a power of two up to 32k",
        default=_LARGEST_WINDOW,
    ),
    row(
        "gunzip",
        HSL,
        values.flag,
        "unpack content that comes as gzip for clients that do not take it",
        default=False,
    ),
    accepted("gunzip_buffers", HSL, values.buffers, args=2),
    accepted("gzip_hash", HSL, values.size),
    accepted("gzip_no_buffer", HSL, values.flag),
    accepted("postpone_gzipping", HSL, values.size),
]
