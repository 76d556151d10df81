"""upstream and the directives in it.

upstream api {
    server 10.0.0.1:8080 weight=2 max_fails=3 fail_timeout=30s;
    server unix:/run/app.sock backup;
    keepalive 64;
}
"""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.address import Address, AddressError, parse_address
from forkproxy.config.row import (
    HTTP,
    UPSTREAM,
    Arguments,
    Inherit,
    Invalid,
    accepted,
    row,
    words,
)

DEFAULT_PORT = 80


@dataclass(frozen=True, slots=True)
class UpstreamServer:
    """One line of an upstream: one peer, or several where its name has more addresses.

    `name` is the address as it was written, which is how peers are called.
    """

    name: str
    address: Address
    weight: int = 1
    max_conns: int = 0  # 0: no limit
    max_fails: int = 1  # 0: failures are not counted
    fail_timeout: float = 10.0  # seconds
    backup: bool = False
    down: bool = False


@dataclass(frozen=True, slots=True)
class Keepalive:
    """Idle connections that each worker keeps to an upstream.

    `local`: a connection is used again only for the location that opened it.
    """

    connections: int
    local: bool = False


def server(args: Arguments) -> UpstreamServer:
    """Read an address and options."""
    given: dict[str, object] = {}
    for index, name, value in values.options(args, 1):
        given |= _option(args, index, name, value)
    try:
        address = parse_address(args[0], default_port=DEFAULT_PORT)
    except AddressError as error:
        raise Invalid(f'{error.reason} in upstream "{args[0]}"') from None
    return UpstreamServer(args[0], address, **given)  # type: ignore[arg-type]


_NOT_YET = {
    "resolve": "names are resolved at start and reload",
    "service": "name the port",
    "slow_start": "leave it out: a peer gets its full share at once",
    "route": "there are no sticky sessions yet",
    "drain": "write down, or use `forkproxy drain` while it runs",
}


def _option(args: Arguments, index: int, name: str, value: str) -> dict[str, object]:
    text = args[index - 1]
    if text in ("backup", "down"):
        return {text: True}
    if name in _NOT_YET and (text == name) == (name in ("resolve", "drain")):
        raise Invalid(
            f'the "{name}" parameter of "server" is not supported by this version of forkproxy',
            index,
            hint=_NOT_YET[name],
        )
    try:
        if name == "weight" and (weight := units.parse_number(value)):
            return {"weight": weight}
        if name in ("max_conns", "max_fails"):
            return {name: units.parse_number(value)}
        if name == "fail_timeout":
            return {"fail_timeout": units.parse_duration(value, whole_seconds=True)}
    except ValueError:
        pass
    raise values.unknown_option(args, index)


def keepalive(args: Arguments) -> Keepalive:
    """Read how many idle connections stay."""
    try:
        connections = units.parse_number(args[0])
    except ValueError:
        connections = -1
    if connections < 0:
        raise Invalid(f'invalid value "{args[0]}" in "keepalive" directive')
    if len(args) == 2 and args[1] != "local":
        raise values.unknown_option(args, 2)
    return Keepalive(connections, len(args) == 2)


ROWS = [
    row("upstream", [HTTP], values.word, "a group of peers", inside=UPSTREAM, repeat=True),
    row(
        "server",
        [UPSTREAM],
        server,
        "address [weight=] [max_conns=] [max_fails=] [fail_timeout=] [backup] [down]",
        args=(1, None),
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "keepalive",
        [UPSTREAM],
        keepalive,
        "idle connections that each worker keeps; 0 for none",
        args=(1, 2),
        default=Keepalive(32),
        inherit=Inherit.HERE,
    ),
    row(
        "keepalive_requests",
        [UPSTREAM],
        values.number(),
        "requests of one connection",
        default=1000,
        inherit=Inherit.HERE,
    ),
    row(
        "keepalive_time",
        [UPSTREAM],
        values.duration,
        "longest life of a connection",
        default=3600.0,
        inherit=Inherit.HERE,
    ),
    row(
        "keepalive_timeout",
        [UPSTREAM],
        values.duration,
        "how long an idle connection stays",
        default=60.0,
        inherit=Inherit.HERE,
    ),
    accepted("zone", [UPSTREAM], words, args=(1, 2)),
]
