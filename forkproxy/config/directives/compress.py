"""compress, brotli, zstd: which codings content is sent in, and which answers are worth it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION_IF, Arguments, Invalid, Row, accepted, row

if TYPE_CHECKING:
    from forkproxy.config.scope import Scope

# In our order: zstd packs three times as fast as brotli at about its ratio.
CODINGS = ("zstd", "brotli", "gzip")

_TEXT = """
text/html text/plain text/css text/csv text/javascript text/markdown text/xml
application/javascript application/json application/ld+json application/manifest+json
application/atom+xml application/rss+xml application/xhtml+xml application/xml application/wasm
application/vnd.ms-fontobject font/otf font/ttf image/svg+xml
"""
# A stream may be open for hours: of gzip it costs 60 KB of memory, of the others ten times that.
_TYPES = {
    "gzip": frozenset((*_TEXT.split(), "text/event-stream")),
    "brotli": frozenset(_TEXT.split()),
    "zstd": frozenset(_TEXT.split()),
}
_WORTH_IT = 256  # octets
_SMALLEST_WINDOW, _LARGEST_WINDOW = 1 << 10, 1 << 24


def compress(args: Arguments) -> tuple[str, ...]:
    """Read off, auto, or codings in the order in which they are preferred."""
    if args.words == ("off",):
        return ()
    if args.words == ("auto",):
        return CODINGS
    for index, word in enumerate(args.words, 1):
        if word not in CODINGS:
            raise Invalid(f'invalid value "{word}"', index, hint=f"any of: {', '.join(CODINGS)}")
    return tuple(dict.fromkeys(args.words))


def _window(args: Arguments) -> int:
    try:
        size = units.parse_size(args[0])
    except ValueError:
        raise args.refuse("invalid value") from None
    if size & (size - 1) or not _SMALLEST_WINDOW <= size <= _LARGEST_WINDOW:
        raise args.refuse("must be a power of two from 1k to 16m")
    return size


def rows(coding: str, levels: range, level: int, level_of_compress: int) -> list[Row]:
    """Return the rows that each coding has; `level_of_compress` holds where `compress` names it."""

    def either(named: Any, otherwise: Any) -> Callable[[Scope], Any]:
        return lambda scope: named if coding in scope.value("compress") else otherwise

    return [
        row(
            coding,
            [*HSL, LOCATION_IF],
            values.flag,
            f"send responses in {coding} to clients that take it",
            derive=either(True, False),
        ),
        row(
            f"{coding}_types",
            HSL,
            values.media_types,
            "media types of such responses; text/html always, * for all",
            args=(1, None),
            repeat=True,
            derive=either(_TYPES[coding], frozenset({"text/html"})),
        ),
        row(
            f"{coding}_min_length",
            HSL,
            values.size,
            "shorter responses are sent as they are; 20",
            derive=either(_WORTH_IT, 20),
        ),
        row(
            f"{coding}_comp_level",
            HSL,
            values.number(levels[0], levels[-1]),
            f"{levels[0]} is the fastest, {levels[-1]} makes the smallest; {level}",
            derive=either(level_of_compress, level),
        ),
        row(
            f"{coding}_static",
            HSL,
            values.choice("off", "on", "always"),
            "send a file with the suffix of the coding in place of one without, "
            "to clients that take it or to all",
            default="off",
        ),
        accepted(f"{coding}_buffers", HSL, values.buffers, args=2),
    ]


ROWS = [
    row(
        "compress",
        HSL,
        compress,
        "auto, or some of zstd, brotli, gzip in order of preference: on, with fitting types, "
        "lengths, levels and Vary",
        args=(1, None),
        default=(),
    ),
    row(
        "compress_cached",
        HSL,
        values.flag,
        "keep stored responses compressed too, and better, once they are asked for so again",
        default=True,
    ),
    *rows("brotli", range(12), 6, 4),
    row(
        "brotli_window",
        HSL,
        _window,
        "memory for what content may refer back to; a power of two from 1k to 16m",
        default=1 << 19,
    ),
    *rows("zstd", range(1, 23), 1, 3),
]
