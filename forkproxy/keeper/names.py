"""The names in upstreams: looked up again and again, once for all workers.

What is found goes to the master, which gives it to every worker. While a name server does not
answer, what was known stays; a name that is gone loses its peers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from forkproxy import clock
from forkproxy.net import tasks
from forkproxy.net.resolver import ResolveError
from forkproxy.shared.errorlog import log
from forkproxy.upstream.member import Member
from forkproxy.upstream.upstream import Upstream
from forkproxy.wire import dns

Say = Callable[..., None]
Found = list[dict[str, Any]]
GONE = 10.0  # seconds until a name that does not exist is looked up again
SOONEST = 1.0  # and any other


class Names:
    """The names of all upstreams of one generation; each is followed by a greenlet."""

    def __init__(self, say: Say, generation: int, upstreams: Iterable[Upstream]) -> None:
        """Tell the master by `say` what the names of a generation lead to."""
        self._say = say
        self._generation = generation
        self._upstreams = {upstream.name: upstream for upstream in upstreams}
        self._followed: set[tuple[str, int]] = set()

    def begin(self) -> None:
        """Follow every name that is there."""
        for upstream in self._upstreams.values():
            for member in upstream.members.values():
                self.follow(upstream.name, member)

    def follow(self, name: str, member: Member) -> None:
        """Follow one name, from now until its member is gone."""
        upstream = self._upstreams.get(name)
        if upstream is None or not member.is_name or upstream.resolver is None:
            return
        if (name, member.id) not in self._followed:
            self._followed.add((name, member.id))
            tasks.spawn(f"name {member.server.name}", self._follow, upstream, member)

    def change(self, name: str, put: Iterable[tuple[Member, int]], drop: Iterable[int]) -> None:
        """Follow what the master has changed in an upstream: members, and their first columns."""
        upstream = self._upstreams.get(name)
        if upstream is None:
            return
        for id in drop:
            upstream.drop(id)
        for member, first in put:
            upstream.put(member, first)
            self.follow(name, member)

    def _follow(self, upstream: Upstream, member: Member) -> None:
        known: Found | None = None
        assert upstream.resolver is not None
        while member.id in upstream.members:
            pause = SOONEST
            try:
                found, until = look_up(upstream, member)
                pause = max(SOONEST, until - clock.monotonic() + 1.0)
            except ResolveError as error:
                log.error(f'{error} in upstream "{upstream.name}"')
                if error.code != dns.NXDOMAIN:
                    tasks.sleep(max(SOONEST, upstream.resolver_timeout))
                    continue
                found, pause = [], upstream.resolver.valid or GONE
            if found != known:
                known = found
                self._say(
                    "names",
                    generation=self._generation,
                    upstream=upstream.name,
                    id=member.id,
                    found=found,
                )
            tasks.sleep(pause)
        self._followed.discard((upstream.name, member.id))


def look_up(upstream: Upstream, member: Member) -> tuple[Found, float]:
    """Return the peers that a name leads to, in order, and how long they hold. Waits.

    Raises ResolveError.
    """
    resolver, limit = upstream.resolver, upstream.resolver_timeout
    assert resolver is not None
    where, service = member.server.address, member.server.service
    if not service:
        found = resolver.addresses(where.host, limit)
        peers = [{"address": _text(address, where.port)} for address in sorted(found.addresses)]
        return peers, found.until
    services, until = resolver.services(service, where.host, limit)
    first = min((one.priority for one in services), default=0)
    found_peers: Found = [
        {
            "address": _text(one.address, one.port),
            # nginx: what the line says goes before what the record says.
            "weight": member.server.weight if member.server.weight != 1 else one.weight or 1,
            "backup": member.server.backup or one.priority != first,
        }
        for one in services
    ]
    return sorted(
        found_peers, key=lambda one: (one["backup"], one["address"], one["weight"])
    ), until


def _text(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
