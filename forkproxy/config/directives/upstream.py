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
from forkproxy.config.address import Address, AddressError, Family, parse_address
from forkproxy.config.row import (
    HTTP,
    UPSTREAM,
    Arguments,
    Inherit,
    Invalid,
    row,
)

DEFAULT_PORT = 80
SMALLEST_ZONE = 8 * 4096  # octets, as nginx wants it


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
    drain: bool = False  # only sessions that are bound to it come here
    route: str = ""  # what sticky sessions call it; "" for a digest of its address
    slow_start: float = 0.0  # seconds until it has its full share again
    resolve: bool = False  # its name is looked up while we run
    service: str = ""  # the service of SRV records that name its peers


@dataclass(frozen=True, slots=True)
class UpstreamZone:
    """What an upstream says of itself, for who looks at it and changes it while we run.

    `zone` is "" where its servers are not to be changed; `state` is a file that shows them.
    """

    zone: str = ""
    state: str = ""
    keepalive: int = 0
    queue: int = 0  # how many requests may wait
    backups: bool = True  # whether its method knows backup servers
    resolver: bool = False  # whether names can be looked up while we run


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
    made = UpstreamServer(args[0], address, **given)  # type: ignore[arg-type]
    if made.service:
        _check_service(made)
    return made


def _check_service(made: UpstreamServer) -> None:
    subject = f'service upstream "{made.name}"'
    if not made.resolve:
        raise Invalid(f'{subject} requires "resolve" parameter')
    if made.address.port_given:
        raise Invalid(f"{subject} may not have port")
    if made.address.family is not Family.NAME:
        raise Invalid(f"{subject} requires domain name")


LONGEST_ROUTE = 32
# Parameters that make no sense where the choice hangs on a hash, or on chance.
_UNSUPPORTED = {
    "hash": ("backup", "slow_start"),
    "ip_hash": ("backup", "slow_start"),
    "random": ("backup", "slow_start"),
}


def _option(args: Arguments, index: int, name: str, value: str) -> dict[str, object]:
    text = args[index - 1]
    for policy, unsupported in _UNSUPPORTED.items():
        if name in unsupported and args.level.own(policy):
            raise Invalid(f'balancing method does not support parameter "{text}"', index)
    if text in ("backup", "down", "drain", "resolve"):
        return {text: True}
    if name in ("route", "service") and text != name:
        if not value:
            raise Invalid(f"{name} is empty", index)
        if name == "route" and len(value.encode()) > LONGEST_ROUTE:
            raise Invalid(f"route is longer than {LONGEST_ROUTE}", index)
        return {name: value}
    try:
        if name == "weight" and (weight := units.parse_number(value)):
            return {"weight": weight}
        if name in ("max_conns", "max_fails"):
            return {name: units.parse_number(value)}
        if name in ("fail_timeout", "slow_start"):
            return {name: units.parse_duration(value, whole_seconds=True)}
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


def zone(args: Arguments) -> str:
    """Read a name and a size; the size is for nginx's sake."""
    if not args[0]:
        raise Invalid(f'invalid zone name "{args[0]}"')
    if len(args) == 2:
        try:
            octets = units.parse_size(args[1])
        except ValueError:
            raise Invalid(f'invalid zone size "{args[1]}"', 2) from None
        if octets < SMALLEST_ZONE:
            raise Invalid(f'zone "{args[0]}" is too small', 2)
    return args[0]


ROWS = [
    row("upstream", [HTTP], values.word, "a group of peers", inside=UPSTREAM, repeat=True),
    row(
        "server",
        [UPSTREAM],
        server,
        "address [weight=] [max_conns=] [max_fails=] [fail_timeout=] [slow_start=] [route=] "
        "[backup] [down] [drain] [resolve [service=]]",
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
    row(
        "zone",
        [UPSTREAM],
        zone,
        "name and size of shared memory: its servers may be changed while we run",
        args=(1, 2),
        default="",
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "state",
        [UPSTREAM],
        values.path,
        "file with the servers of the upstream, kept as they are changed while we run",
        default="",
        inherit=Inherit.HERE,
    ),
]
