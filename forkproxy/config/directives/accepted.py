"""Directives that are checked, accepted and change nothing, and belong to no other file."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, accepted

ROWS = [
    accepted("keepalive_min_timeout", HSL, values.duration),
    accepted("msie_refresh", HSL, values.flag),
    accepted("subrequest_output_buffer_size", HSL, values.size),
    accepted("send_lowat", HSL, values.size),
]
