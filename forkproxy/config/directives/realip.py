"""realip: the address of a client that trusted proxies speak for."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.networks import Network, parse_network
from forkproxy.config.row import HSL, Arguments, Inherit, row


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whose word counts: a network, a host, or all Unix sockets where it is neither."""

    network: Network | None = None
    host: str = ""


def set_real_ip_from(args: Arguments) -> Trusted:
    """Read a network, unix: or a host name."""
    if args[0] == "unix:":
        return Trusted()
    try:
        network, meaningless = parse_network(args[0])
    except ValueError:
        if "/" in args[0]:
            raise args.refuse(f'invalid parameter "{args[0]}"') from None
        return Trusted(host=args[0])
    if meaningless:
        args.warn(f"low address bits of {args[0]} are meaningless")
    return Trusted(network)


def real_ip_header(args: Arguments) -> str:
    """Read the name of a field, in lower case, or proxy_protocol."""
    return args[0].lower()


ROWS = [
    row(
        "set_real_ip_from",
        HSL,
        set_real_ip_from,
        "address, network, host or unix: of proxies whose word about the client's address counts",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "real_ip_header",
        HSL,
        real_ip_header,
        "field with the client's address, or proxy_protocol",
        default="x-real-ip",
    ),
    row(
        "real_ip_recursive",
        HSL,
        values.flag,
        "pass over trusted addresses in the field, up to the last that is not",
        default=False,
    ),
]
