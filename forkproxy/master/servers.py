"""What can be done with the servers of an upstream: one table of verbs under both tongues.

Each finds what it is about, refuses what cannot be, and leaves everything as it was then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forkproxy import units
from forkproxy.config.address import AddressError, Family, parse_address
from forkproxy.config.directives.upstream import DEFAULT_PORT, LONGEST_ROUTE, UpstreamServer
from forkproxy.errors import ConfigError
from forkproxy.master.counted import Counted
from forkproxy.master.reply import Refused
from forkproxy.master.roster import Roster
from forkproxy.shared.scoreboard import Order, PeerCell
from forkproxy.upstream.member import Member
from forkproxy.upstream.peer import state_of

MOST = 2**31 - 1  # of numbers
WEIGHTS = range(1, 65536)
SELECTABLE = ("up", "unavail", "checking", "unhealthy")  # states that only time has to heal


@dataclass(frozen=True, slots=True)
class Server:
    """One member of an upstream, as it is now.

    Attributes:
        state: in NGINX Plus' words; "" for a name, which has none.
        order: what was ordered of it.
        weight: that which holds.
    """

    upstream: str
    member: Member
    state: str
    order: int
    weight: int
    first: int  # its first column

    @property
    def line(self) -> UpstreamServer:
        return self.member.server

    @property
    def down(self) -> bool:
        return self.state == "down"

    @property
    def draining(self) -> bool:
        return self.state == "draining"

    def count(self, counted: Counted, cell: int) -> int:
        """Return a number that the workers count."""
        return counted.total(self.first + cell)

    def active(self, counted: Counted) -> int:
        """Return how many requests are under way."""
        return self.count(counted, PeerCell.PEER_ACTIVE)


def upstream(roster: Roster, name: str) -> str:
    """Return the name of an upstream that there is. Raises Refused."""
    if name not in roster.upstreams():
        raise Refused("upstream not found", "UpstreamNotFound", 404)
    return name


def all_of(roster: Roster, counted: Counted, name: str) -> list[Server]:
    """Return the peers of an upstream, and the names whose peers are found."""
    return [_server(roster, counted, name, one) for one in roster.members(upstream(roster, name))]


def one_of(roster: Roster, counted: Counted, name: str, word: str) -> Server:
    """Return the server that is called so. Raises Refused."""
    upstream(roster, name)
    try:
        return _server(roster, counted, name, roster.find(name, word))
    except KeyError:
        raise Refused("server not found", "UpstreamServerNotFound", 404) from None


def _server(roster: Roster, counted: Counted, name: str, member: Member) -> Server:
    if member.is_name:
        return Server(name, member, "", Order.ORDER_READY, member.server.weight, -1)
    first = roster.column(name, member)
    order, weight = roster.ordered(name, member)
    state = state_of(counted.cells, first, member.server)
    return Server(name, member, state, order, weight or member.server.weight, first)


# Orders.


def order(
    roster: Roster, counted: Counted, server: Server, wanted: int, *, force: bool = False
) -> None:
    """Let a server be ready, drained or down; the last one that serves only by `force`."""
    if server.member.is_name:
        raise Refused("a name is not drained: its peers are", "UpstreamServerImmutable")
    if wanted in (Order.ORDER_DRAIN, Order.ORDER_DOWN) and not force:
        refuse_the_last(roster, counted, server)
    roster.order(server.upstream, server.member, wanted)


def refuse_the_last(roster: Roster, counted: Counted, server: Server) -> None:
    """Refuse to take the last server out of the choice."""
    others = [
        one
        for one in all_of(roster, counted, server.upstream)
        if one.member.id != server.member.id and one.state in SELECTABLE
    ]
    if not others and server.state in SELECTABLE:
        raise Refused(
            f"{server.line.name} is the last server of {server.upstream} that takes requests",
            "UpstreamLastServer",
            409,
        )


def weigh(
    roster: Roster, counted: Counted, server: Server, weight: int, *, force: bool = False
) -> None:
    """Give a server another weight for as long as we run; 0 drains it."""
    if weight == 0:
        order(roster, counted, server, Order.ORDER_DRAIN, force=force)
        return
    if weight not in WEIGHTS:
        raise Refused("invalid weight", "UpstreamBadWeight")
    if server.draining:
        order(roster, counted, server, Order.ORDER_UP)
    roster.weigh(server.upstream, server.member, weight if weight != server.line.weight else 0)


# Lines.


def add(roster: Roster, name: str, line: UpstreamServer) -> Member:
    """Add a server."""
    try:
        return roster.add(upstream(roster, name), line)
    except ValueError:
        raise Refused("server already exists", "EntryExists", 409) from None
    except ConfigError as error:
        raise Refused(error.reason, "UpstreamOutOfMemory") from None


def change(roster: Roster, server: Server, line: UpstreamServer) -> Member:
    """Let a server be as a line says; what was ordered of it stays."""
    if server.member.parent >= 0:
        raise Refused("server is found by its name", "UpstreamServerImmutable")
    try:
        member = server.member
        if line != server.line:
            member = roster.change(server.upstream, member, line)
        if line.weight != server.line.weight:
            roster.weigh(server.upstream, member, 0)
    except ValueError:
        raise Refused("server already exists", "EntryExists", 409) from None
    except ConfigError as error:
        raise Refused(error.reason, "UpstreamOutOfMemory") from None
    return member


def remove(roster: Roster, server: Server) -> None:
    """Remove a server; what it has in hand ends by itself."""
    if server.member.parent >= 0:
        raise Refused("server is found by its name", "UpstreamServerImmutable")
    roster.remove(server.upstream, server.member)


def line_of(
    given: Mapping[str, Any], base: UpstreamServer | None, *, resolver: bool
) -> UpstreamServer:
    """Return a server's line of what an API is given; `base` is the one to be changed.

    Raises Refused. A host name is looked up while we run, which needs a resolver.
    """
    made = base
    if "server" in given or made is None:
        made = _addressed(given.get("server"), made, resolver=resolver)
    for name, read in READERS.items():
        if name in given:
            made = replace(made, **{name: read(given[name])})
    return made


def _addressed(text: object, base: UpstreamServer | None, *, resolver: bool) -> UpstreamServer:
    if not isinstance(text, str) or not text:
        raise Refused("invalid server address", "UpstreamBadAddress")
    try:
        address = parse_address(text, default_port=DEFAULT_PORT)
    except AddressError:
        raise Refused("invalid server address", "UpstreamBadAddress") from None
    named = address.family is Family.NAME
    if named and not resolver:
        raise Refused("no resolver defined to resolve names", "UpstreamConfNoResolver")
    made = base if base is not None else UpstreamServer(text, address)
    return replace(made, name=text if named else address.text, address=address, resolve=named)


def _number(code: str, text: str, least: int, most: int = MOST) -> Any:
    def read(given: object) -> int:
        if type(given) is not int or not least <= given <= most:
            raise Refused(text, code)
        return given

    return read


def _duration(code: str, text: str) -> Any:
    def read(given: object) -> float:
        if type(given) is int and 0 <= given <= MOST:
            return float(given)
        try:
            if isinstance(given, str):
                return units.parse_duration(given, whole_seconds=True)
        except ValueError:
            pass
        raise Refused(text, code)

    return read


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise Refused("invalid boolean value", "UpstreamConfFormatError")
    return given


def _route(given: object) -> str:
    if not isinstance(given, str):
        raise Refused("invalid route", "UpstreamBadRoute")
    if len(given.encode()) > LONGEST_ROUTE:
        raise Refused(f"route is longer than {LONGEST_ROUTE}", "UpstreamBadRoute")
    return given


def _service(given: object) -> str:
    if not isinstance(given, str) or not given:
        raise Refused("invalid service", "UpstreamBadService")
    return given


READERS = {
    "weight": _number("UpstreamBadWeight", "invalid weight", WEIGHTS[0], WEIGHTS[-1]),
    "max_conns": _number("UpstreamBadMaxConns", "invalid max_conns", 0),
    "max_fails": _number("UpstreamBadMaxFails", "invalid max_fails", 0),
    "fail_timeout": _duration("UpstreamBadFailTimeout", "invalid fail_timeout"),
    "slow_start": _duration("UpstreamBadSlowStart", "invalid slow_start"),
    "route": _route,
    "backup": _flag,
    "down": _flag,
    "drain": _flag,
    "service": _service,
}
