"""Addresses as they stand in listen, in server of an upstream, and in proxy_pass.

Names are kept as names: reading a configuration asks no resolver.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from dataclasses import dataclass
from enum import Enum

from forkproxy.errors import ConfigError

_ANY = "0.0.0.0"  # noqa: S104 (how nginx prints "*")
_LONGEST_UNIX = 107  # octets of sun_path, without the NUL at its end
_PORT_RANGE = re.compile(r"([0-9]+)-([0-9]+)")


class Family(Enum):
    INET = "inet"
    INET6 = "inet6"
    UNIX = "unix"
    NAME = "name"  # a host name, resolved when it is used


class AddressError(ConfigError):
    """Text that is no address. The reason is nginx's: "invalid port", "no host"."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address, or a range of ports on one host.

    `text` prints it as nginx does. `host` has no brackets; it is "" for "*" and for
    a port alone. `uri` is what follows the address in a URL, None without any.
    """

    family: Family
    host: str = ""
    port: int = 0
    path: str = ""  # of a unix socket
    last_port: int = 0  # the end of a range; `port` where there is one port
    port_given: bool = False
    uri: str | None = None

    @property
    def text(self) -> str:
        if self.family is Family.UNIX:
            return f"unix:{self.path}"
        if self.family is Family.INET6:
            return f"[{self.host}]:{self.port}"
        return f"{self.host or _ANY}:{self.port}"


@functools.lru_cache(maxsize=256)  # ten thousand servers listen on the same few
def parse_address(
    text: str, *, default_port: int, listening: bool = False, uri: bool = False
) -> Address:
    """Read an address. `listening` allows "*", a port alone and ranges; `uri` a path behind.

    Raises AddressError.
    """
    if text[:5].lower() == "unix:":
        return _unix(text[5:], uri=uri)
    authority, rest = _split_uri(text)
    if rest is not None and not uri:
        raise AddressError("invalid host")
    if listening and ":" not in authority and authority[:1].isdigit() and _ports(authority):
        port, last = _checked_ports(authority)
        return Address(Family.INET, "", port, last_port=last, port_given=True)
    if authority.startswith("["):
        host, port_text = _bracketed(authority)
    else:
        host, colon, after = authority.partition(":")
        port_text = after if colon else None
    port, last = (default_port, default_port) if port_text is None else _checked_ports(port_text)
    if last != port and not listening:
        raise AddressError("invalid port")
    family, host = _host(authority, host, listening=listening)
    return Address(family, host, port, last_port=last, port_given=port_text is not None, uri=rest)


def _host(authority: str, host: str, *, listening: bool) -> tuple[Family, str]:
    if authority.startswith("["):
        return Family.INET6, host
    if not host:
        raise AddressError("no host")
    if listening and host == "*":
        return Family.INET, ""
    return (Family.INET if _is_ipv4(host) else Family.NAME), host


def _unix(rest: str, *, uri: bool) -> Address:
    path, colon, after = rest.partition(":") if uri else (rest, "", "")
    if not path:
        raise AddressError("no path in the unix domain socket")
    if len(path.encode("utf-8", "surrogateescape")) > _LONGEST_UNIX:
        raise AddressError("too long path in the unix domain socket")
    return Address(Family.UNIX, path=path, uri=after if colon and after else None)


def _split_uri(text: str) -> tuple[str, str | None]:
    starts = [at for at in (text.find("/"), text.find("?")) if at >= 0]
    if not starts:
        return text, None
    return text[: min(starts)], text[min(starts) :]


def _bracketed(authority: str) -> tuple[str, str | None]:
    host, bracket, after = authority[1:].partition("]")
    if not bracket:
        raise AddressError("invalid host")
    try:
        host = ipaddress.IPv6Address(host).compressed
    except ValueError:
        raise AddressError("invalid IPv6 address") from None
    if not after:
        return host, None
    if not after.startswith(":"):
        raise AddressError("invalid host")
    return host, after[1:]


def _ports(text: str) -> tuple[int, int] | None:
    if text.isascii() and text.isdigit():
        return int(text), int(text)
    if found := _PORT_RANGE.fullmatch(text):
        return int(found[1]), int(found[2])
    return None


def _checked_ports(text: str) -> tuple[int, int]:
    ports = _ports(text)
    if ports is not None and ports[0] > ports[1]:
        raise AddressError("invalid port range")
    if ports is None or not 1 <= ports[0] <= ports[1] <= 65535:
        raise AddressError("invalid port")
    return ports


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
