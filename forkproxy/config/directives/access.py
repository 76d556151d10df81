"""allow, deny, satisfy: who may come in."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import HSL, LIMIT_EXCEPT, Arguments, Inherit, Invalid, row

ALL = "all"
UNIX = "unix"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rule:
    """One allow or deny: a network, or all, or every client of a Unix socket."""

    allow: bool
    who: Network | str


def rule(args: Arguments) -> Rule:
    """Read an address, a network, all or unix:."""
    word = args[0]
    if word == "all":
        return Rule(args.name == "allow", ALL)
    if word == "unix:":
        return Rule(args.name == "allow", UNIX)
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise Invalid(
            f'invalid parameter "{word}"', hint="write 192.0.2.0/24, all or unix:"
        ) from None
    if "/" in word and network.network_address != ipaddress.ip_address(word.partition("/")[0]):
        args.warn(f"low address bits of {word} are meaningless")
    return Rule(args.name == "allow", network)


ROWS = [
    row(
        name,
        (*HSL, LIMIT_EXCEPT),
        rule,
        f"address | network | unix: | all: {name} these clients; the first rule that fits decides",
        inherit=Inherit.REPLACED,
        repeat=True,
    )
    for name in ("allow", "deny")
]
ROWS += [
    row(
        "satisfy",
        HSL,
        values.choice("all", "any"),
        "all | any: how many of allow/deny, auth_basic, auth_jwt and auth_request must agree",
        default="all",
    ),
    row("auth_delay", HSL, values.duration, "how long a 401 is held back", default=0.0),
]
