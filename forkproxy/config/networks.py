"""Networks as directives write them: an address, or one with a prefix."""

from __future__ import annotations

import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def parse_network(text: str) -> tuple[Network, bool]:
    """Read a network; also return whether low bits were set that mean nothing.

    Raises ValueError.
    """
    network = ipaddress.ip_network(text, strict=False)
    address = text.partition("/")[0]
    meaningless = ipaddress.ip_address(address) != network.network_address
    return network, meaningless
