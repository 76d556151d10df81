"""geo: a variable whose value depends on an address.

geo $where {
    default        world;
    10.0.0.0/8     office;
    2001:db8::/32  lab;
    delete         10.1.0.0/16;
    proxy          192.168.0.0/16;      whose X-Forwarded-For is believed
    include        networks.conf;
}

geo $arg_ip $where { ranges; 10.0.0.0-10.0.0.9 ten; }
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy.config import values
from forkproxy.config.networks import Network, parse_network
from forkproxy.config.row import HTTP, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template, Var

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive

Span = tuple[int, int, str]  # the first number of an address, the last, the value


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a geo, before all of them are known."""

    word: str  # ranges, proxy, …; "" for an address
    text: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Geo:
    """A geo. Spans of networks lie one inside the other; those of ranges do not overlap."""

    source: Template  # (): the client's address
    variable: str
    four: tuple[Span, ...]
    six: tuple[Span, ...]
    default: str = ""
    ranges: bool = False
    proxies: tuple[Network, ...] = ()
    proxy_recursive: bool = False
    volatile: bool = False


def heading(args: Arguments) -> tuple[Template, str]:
    """Read the address' variable, where there is one, and the variable."""
    if len(args) == 1:
        return (), values.variable_at(args, 0)
    source = args[0]
    if not source.startswith("$") or len(source) == 1:
        raise Invalid(f'invalid variable name "{source}"')
    args.used.append((source[1:].lower(), 1))
    return (Var(source[1:].lower()),), values.variable_at(args, 1)


_ALONE = ("ranges", "proxy_recursive", "volatile")


def line(args: Arguments, seen: set[str]) -> Line:
    """Read a line, and hold it against those before it."""
    name = args.name
    if len(args) == 0 and name in _ALONE:
        if name == "ranges" and "addresses" in seen:
            raise Invalid(
                'the "ranges" directive must be the first directive inside "geo" block', 0
            )
        seen.add(name)
        return Line(name)
    if len(args) != 1:
        raise Invalid("invalid number of the geo parameters", 0)
    if name == "proxy":
        return Line("proxy", str(_network(args, args[0], 1)))
    delete = name == "delete"
    if not (name == "default" or (delete and args[0] == "default")):
        seen.add("addresses")
        if "ranges" in seen:
            _range(args[0] if delete else name, 1 if delete else 0)
        elif (args[0] if delete else name) != "255.255.255.255":
            _network(args, args[0] if delete else name, 1 if delete else 0)
    if delete:
        return Line("delete", args[0])
    return Line("", name, args[0])


def _network(args: Arguments, text: str, word: int) -> Network:
    try:
        network, meaningless = parse_network(text)
    except ValueError:
        raise Invalid(f'invalid network "{text}"', word) from None
    if meaningless:
        args.warn(f"low address bits of {text} are meaningless", word)
    return network


def _range(text: str, word: int) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    try:
        span = int(ipaddress.IPv4Address(first)), int(ipaddress.IPv4Address(last))
    except ValueError:
        raise Invalid(f'invalid range "{text}"', word) from None
    if not dash or span[0] > span[1]:
        raise Invalid(f'invalid range "{text}"', word)
    return span


def close(args: Arguments, lines: tuple[Directive, ...]) -> Geo:
    """Return the geo of all lines."""
    source, variable = heading(args)
    given = [one.value for one in lines if one.value is not None]
    words = {one.word for one in given}
    made = _Ranges() if "ranges" in words else _Trees()
    for one in given:
        if one.word == "delete":
            made.delete(one.text)
        elif not one.word:
            made.add(one.text, one.value)
    four, six, default = made.spans()
    return Geo(
        source,
        variable,
        four,
        six,
        default,
        "ranges" in words,
        tuple(parse_network(one.text)[0] for one in given if one.word == "proxy"),
        "proxy_recursive" in words,
        "volatile" in words,
    )


_Spans = tuple[tuple[Span, ...], tuple[Span, ...], str]


class _Trees:
    """Networks by their prefixes; a later line of the same network counts."""

    def __init__(self) -> None:
        self._values: dict[Network, str] = {}

    def _networks(self, text: str) -> list[Network]:
        if text == "default":
            return [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]
        return [parse_network(text)[0]]

    def add(self, text: str, value: str) -> None:
        for network in self._networks(text):
            self._values[network] = value

    def delete(self, text: str) -> None:
        for network in self._networks(text):
            self._values.pop(network, None)

    def spans(self) -> _Spans:
        spans: dict[int, list[Span]] = {4: [], 6: []}
        for network, value in self._values.items():
            ends = int(network.network_address), int(network.broadcast_address)
            spans[network.version].append((*ends, value))
        return tuple(spans[4]), tuple(spans[6]), ""


class _Ranges:
    """Ranges of IPv4; a later one that lies inside an earlier takes its place there."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._default = ""

    def add(self, text: str, value: str) -> None:
        if text == "default":
            self._default = value
            return
        first, last = _range(text, 0)
        self._cut(first, last)
        self._spans.append((first, last, value))

    def delete(self, text: str) -> None:
        if text == "default":
            self._default = ""
            return
        self._cut(*_range(text, 0))

    def _cut(self, first: int, last: int) -> None:
        """Take what lies between two addresses out of all ranges."""
        kept: list[Span] = []
        for start, end, value in self._spans:
            if end < first or start > last:
                kept.append((start, end, value))
                continue
            if start < first:
                kept.append((start, first - 1, value))
            if end > last:
                kept.append((last + 1, end, value))
        self._spans = kept

    def spans(self) -> _Spans:
        return tuple(self._spans), (), self._default


ROWS = [
    row(
        "geo",
        [HTTP],
        heading,
        "[$address] $variable { network value; … }: a variable by the value of an address",
        args=(1, 2),
        inherit=Inherit.REPLACED,
        repeat=True,
        line=line,
        close=close,
    ),
]
