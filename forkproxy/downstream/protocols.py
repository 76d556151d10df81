"""What can be spoken here: a build without libnghttp2 has no HTTP/2."""

from __future__ import annotations

from typing import Any

# Makes the connection of a client that speaks HTTP/2; None where this build cannot.
Http2: Any = None
try:
    from forkproxy.downstream import http2
except ImportError:
    pass
else:
    Http2 = http2.Http2

__all__ = ["Http2"]
