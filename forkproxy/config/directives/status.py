"""status_zone, stub_status, api and metrics: numbers for people and programs.

server { status_zone site; }                location /api { api write=on; allow 10.0.0.0/8; }
location /images/ { status_zone images; }   location = /basic { stub_status; }
                                            location = /metrics { metrics; }
"""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import (
    LOCATION,
    LOCATION_IF,
    SERVER,
    Arguments,
    Inherit,
    row,
    words,
)


@dataclass(frozen=True, slots=True)
class Api:
    """The REST API at a location; it only shows, unless `write`."""

    write: bool = False


def api(args: Arguments) -> Api:
    """Read whether it may change anything."""
    write = False
    for index, name, value in values.options(args, 0):
        if name != "write" or value not in ("on", "off"):
            raise values.unknown_option(args, index)
        write = value == "on"
    return Api(write)


ROWS = [
    row(
        "status_zone",
        [SERVER, LOCATION, LOCATION_IF],
        values.word,
        "name under which the requests of a server or location are counted",
        inherit=Inherit.HERE,
    ),
    row(
        "stub_status",
        [SERVER, LOCATION],
        words,
        "answer with the numbers of connections, as four lines",
        args=(0, 1),
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "api",
        [LOCATION],
        api,
        "[write=on|off]: answer as the REST API",
        args=(0, 1),
        inherit=Inherit.HERE,
    ),
    row(
        "metrics",
        [LOCATION],
        values.nothing,
        "answer with the numbers of all workers, in Prometheus' text format",
        args=0,
        inherit=Inherit.HERE,
    ),
]
