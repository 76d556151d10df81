"""listen: the addresses of a server.

    listen 80 default_server backlog=4096 reuseport;
    listen [::]:8080 ipv6only=off;
    listen unix:/run/app.sock;

Several servers may listen on one address. Its options are given once, by any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.address import Address, AddressError, Family, parse_address
from forkproxy.config.directives import http2
from forkproxy.config.row import SERVER, Arguments, Inherit, Invalid, row

DEFAULT_BACKLOG = 511  # nginx's


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """One address to accept on, with the options of its socket; None keeps the system's.

    `so_keepalive` is TCP's keep-alive and `keepalive_probes` its idle time and interval
    in seconds and its count, 0 for the system's. `implied` is true of the address of a
    server that names none.

    `host` is "" for all IPv4 addresses. With family NAME the host is still to be
    resolved. `text` prints the address as nginx does.
    """

    family: Family
    host: str
    port: int
    path: str  # of a unix socket
    text: str
    default_server: bool = False
    explicit: bool = False  # socket options were given: only one server may do that
    bind: bool = False
    implied: bool = False
    backlog: int = DEFAULT_BACKLOG
    rcvbuf: int | None = None  # octets
    sndbuf: int | None = None  # octets
    fastopen: int | None = None
    deferred: bool = False
    reuseport: bool = False
    ipv6only: bool = True
    so_keepalive: bool | None = None
    keepalive_probes: tuple[int, int, int] = (0, 0, 0)
    ssl: bool = False
    proxy_protocol: bool = False
    http2: bool = False


def listen(args: Arguments) -> tuple[ListenAddress, ...]:
    """Read the addresses of one line: more than one where a range of ports is given."""
    try:
        address = parse_address(args[0], default_port=80, listening=True)
    except AddressError as error:
        raise Invalid(f'{error.reason} in "{args[0]}" of the "listen" directive') from None
    model = _with_options(args, _address(address, address.port))
    found: tuple[ListenAddress, ...] = (model,)
    if address.last_port > address.port:
        found = tuple(
            replace(model, port=port, text=replace(address, port=port).text)
            for port in range(address.port, address.last_port + 1)
        )
    here = {one.text for line in args.level.own("listen") for one in line.value}
    for one in found:
        if one.text in here:
            raise Invalid(f"a duplicate listen {one.text}")
    return found


def _address(address: Address, port: int) -> ListenAddress:
    return ListenAddress(address.family, address.host, port, address.path, address.text)


DEFAULT = parse_address("80", default_port=80, listening=True)


def default_listen(port: int) -> ListenAddress:
    """Return what a server without listen listens on."""
    address = replace(DEFAULT, port=port)
    return replace(_address(address, port), implied=True)


# What is spoken on an address: any of its servers may say so, and it holds for all.
_PROTOCOLS = {"ssl", "proxy_protocol"}
_SWITCHES = {"bind", "deferred", "reuseport"}
_NUMBERS = {"backlog", "fastopen"}
_SIZES = {"rcvbuf", "sndbuf"}
_REFUSED = {
    "quic": "HTTP/3",
    "spdy": "SPDY",
    "setfib": "routing tables",
    "accept_filter": "accept filters",
    "multipath": "Multipath TCP",
}


def _with_options(args: Arguments, address: ListenAddress) -> ListenAddress:
    given: dict[str, object] = {}
    for index, name, value in values.options(args, 1):
        text = args[index - 1]
        equals = len(text) > len(name)
        if text in ("default_server", "default"):
            given["default_server"] = True
            continue
        if text in _PROTOCOLS:
            given[text] = True
            continue
        if text == "http2":
            http2.require()
            args.warn(
                'the "listen ... http2" directive is deprecated, use the "http2" directive instead',
                index - 1,
            )
            given[text] = True
            continue
        if name in _REFUSED:
            raise Invalid(
                f'the "{name}" parameter of "listen" is not supported by this version of forkproxy',
                index,
                hint=f"forkproxy has no {_REFUSED[name]} on this side yet",
            )
        if text in _SWITCHES:
            given[text] = True
        elif equals and (name in _NUMBERS or name in _SIZES):
            given[name] = _count(name, value, index)
        elif equals and name == "ipv6only":
            if value not in ("on", "off"):
                raise values.unknown_option(args, index)
            given[name] = value == "on"
        elif equals and name == "so_keepalive":
            given |= _keepalive(value, index)
        else:
            raise values.unknown_option(args, index)
        given["explicit"] = True
    if address.family is Family.UNIX and given.get("reuseport"):
        raise Invalid('"reuseport" parameter is not supported for unix sockets')
    return replace(address, **given)  # type: ignore[arg-type]


def _count(name: str, value: str, index: int) -> int:
    try:
        count = units.parse_number(value) if name in _NUMBERS else units.parse_size(value)
    except ValueError:
        raise Invalid(f'invalid {name} "{name}={value}"', index) from None
    if count == 0 and name == "backlog":
        raise Invalid(f'invalid backlog "backlog={value}"', index)
    return count


def _keepalive(value: str, index: int) -> dict[str, object]:
    if value in ("on", "off"):
        return {"so_keepalive": value == "on"}
    fields = value.split(":")
    wrong = Invalid(f'invalid so_keepalive value: "{value}"', index)
    if len(fields) != 3 or not any(fields):
        raise wrong
    try:
        idle, interval = (int(units.parse_duration(text or "0")) for text in fields[:2])
        count = units.parse_number(fields[2] or "0")
    except ValueError:
        raise wrong from None
    return {"so_keepalive": True, "keepalive_probes": (idle, interval, count)}


ROWS = [
    row(
        "listen",
        [SERVER],
        listen,
        "address, port or unix:PATH to accept connections on, and options of its socket",
        args=(1, None),
        inherit=Inherit.SERVER,
        repeat=True,
    )
]
