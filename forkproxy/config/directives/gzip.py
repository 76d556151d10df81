"""gzip: which answers are compressed, and for whom."""

from __future__ import annotations

import re

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, Arguments, Inherit, accepted, row

_OLD_EXPLORERS = "msie6"  # a word that nginx knows
_SMALLEST_WINDOW, _LARGEST_WINDOW = 9, 15  # bits


def disable(args: Arguments) -> tuple[re.Pattern[bytes] | None, ...]:
    """Read patterns of User-Agent; None stands for the word msie6."""
    return tuple(
        None if text == _OLD_EXPLORERS else values.pattern_at(args, index, text, ignore_case=True)
        for index, text in enumerate(args.words, 1)
    )


def window(args: Arguments) -> int:
    """Read a power of two, as its number of bits."""
    try:
        size = units.parse_size(args[0])
    except ValueError:
        raise args.refuse("invalid value") from None
    bits = size.bit_length() - 1
    if size != 1 << max(bits, 0) or not _SMALLEST_WINDOW <= bits <= _LARGEST_WINDOW:
        raise args.refuse("must be 512, 1k, 2k, 4k, 8k, 16k, or 32k")
    return bits


ROWS = [
    row("gzip", [*HSL, LOCATION_IF], values.flag, "compress responses by gzip", default=False),
    row(
        "gzip_types",
        HSL,
        values.media_types,
        "media types of such responses; text/html always, * for all",
        args=(1, None),
        default=("text/html",),
    ),
    row(
        "gzip_min_length",
        HSL,
        values.size,
        "shorter responses are sent as they are",
        default=20,
    ),
    row(
        "gzip_comp_level",
        HSL,
        values.number(1, 9),
        "1 is the fastest, 9 makes the smallest",
        default=1,
    ),
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
    accepted("gzip_buffers", HSL, values.buffers, args=2),
    accepted("gzip_hash", HSL, values.size),
    accepted("gzip_no_buffer", HSL, values.flag),
    accepted("postpone_gzipping", HSL, values.size),
]
