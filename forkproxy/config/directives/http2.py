"""http2: whether a server speaks HTTP/2 to clients, and how."""

from __future__ import annotations

import importlib.util
from typing import Any

from forkproxy.config import values
from forkproxy.config.row import HSL, HTTP, SERVER, Arguments, Invalid, Row, accepted, row

HS = (HTTP, SERVER)
LARGEST_FRAME = 16777215  # octets
BUILT = importlib.util.find_spec("forkproxy.wire.h2") is not None


def http2(args: Arguments) -> bool:
    """Read on or off; on needs a build with libnghttp2."""
    on: bool = values.flag(args)
    if on:
        require()
    return on


def require() -> None:
    """Raise Invalid where this build has no HTTP/2."""
    if not BUILT:
        raise Invalid(
            "HTTP/2 is not in this build of forkproxy",
            hint="install libnghttp2 with its headers (Debian: libnghttp2-dev) and build again",
        )


def preread(args: Arguments) -> int:
    """Read how much of a body may come before it is asked for."""
    size: int = values.size(args)
    if size > 0x7FFFFFFF:
        raise Invalid("the maximum body preread size is 2147483647")
    return size


def chunk(args: Arguments) -> int:
    """Read the size of a frame of content."""
    size: int = values.size(args)
    return min(max(size, 1), LARGEST_FRAME)  # as nginx


def _obsolete(name: str, parse: Any, instead: str = "") -> Row:
    """Return the row of a directive that nginx has dropped, and warns of."""

    def warned(args: Arguments) -> Any:
        hint = f', use the "{instead}" directive instead' if instead else ""
        args.warn(f'the "{name}" directive is obsolete{hint}', 0)
        return parse(args)

    return accepted(name, HS, warned)


ROWS = [
    row("http2", HS, http2, "speak HTTP/2 to clients", default=False),
    row(
        "http2_max_concurrent_streams",
        HS,
        values.number(1, 65535),
        "requests that a client may have under way on one connection",
        default=128,
    ),
    row(
        "http2_body_preread_size",
        HS,
        preread,
        "octets of a request's body that may come before it is asked for",
        default=65536,
    ),
    row(
        "http2_chunk_size",
        HSL,
        chunk,
        "octets of content in one frame",
        default=8192,
    ),
    accepted("http2_recv_buffer_size", [HTTP], values.size),
    accepted("http2_pool_size", HS, values.size),
    _obsolete("http2_max_field_size", values.size, "large_client_header_buffers"),
    _obsolete("http2_max_header_size", values.size, "large_client_header_buffers"),
    _obsolete("http2_max_requests", values.number(), "keepalive_requests"),
    _obsolete("http2_idle_timeout", values.duration, "keepalive_timeout"),
    _obsolete("http2_recv_timeout", values.duration, "client_header_timeout"),
    _obsolete("http2_push", values.word),
    _obsolete("http2_push_preload", values.flag),
    _obsolete("http2_max_concurrent_pushes", values.number()),
]
