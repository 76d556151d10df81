"""upstream blocks: their members, and how one of them is chosen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from forkproxy.config.address import Family
from forkproxy.config.directives import balance as given
from forkproxy.config.directives import sticky as bound
from forkproxy.config.directives.upstream import UpstreamServer, UpstreamZone
from forkproxy.config.load import load_text
from forkproxy.config.scope import Scope
from forkproxy.core.expressions import Expression
from forkproxy.core.making import Making
from forkproxy.errors import ConfigError
from forkproxy.features.resolver import resolver
from forkproxy.net.dial import Address, resolve_at_once
from forkproxy.shared import sessions
from forkproxy.upstream.balance.hash import Hash
from forkproxy.upstream.balance.ip_hash import IpHash
from forkproxy.upstream.balance.least_conn import LeastConn
from forkproxy.upstream.balance.least_time import LeastTime
from forkproxy.upstream.balance.policy import Policy
from forkproxy.upstream.balance.random import Random, RandomTwo
from forkproxy.upstream.balance.ring import Ring
from forkproxy.upstream.balance.round_robin import RoundRobin
from forkproxy.upstream.balance.sticky import Sticky, StickyCookie, StickyLearn
from forkproxy.upstream.member import Member
from forkproxy.upstream.pool import Pool
from forkproxy.upstream.queue import Queue
from forkproxy.upstream.upstream import Upstream


def define(http: Scope, making: Making) -> None:
    """Make the upstreams that the configuration names."""
    for block in http.blocks("upstream"):
        made = making.upstreams[block.words[0]] = Upstream(
            block.words[0],
            policy=_policy(block, making),
            pool=_pool(block),
            sticky=_sticky(block, making),
            queue=_queue(block),
        )
        if block.value("zone"):
            made.pool.counts = making.tally("upstream", block.words[0])
            if made.queue is not None:
                made.queue.counts = made.pool.counts
        made.ejection = block.value("forkproxy_outlier_ejection")
        made.resolver = resolver(block, making)
        made.resolver_timeout = block.value("resolver_timeout")
        servers = _servers(block)
        if made.resolver is None and any(server.resolve for server in servers):
            name = block.words[0]
            raise ConfigError(
                f'no resolver defined to resolve names at run time in upstream "{name}"'
                f" in {block.at.path}:{block.at.line}"
            )
        fill(made, servers, making)


def zones(http: Scope | None) -> dict[str, UpstreamZone]:
    """Return what the upstream blocks say of themselves, by name."""
    blocks = http.blocks("upstream") if http is not None else ()
    return {
        block.words[0]: UpstreamZone(
            block.value("zone"),
            block.value("state"),
            block.value("keepalive").connections,
            block.value("queue").most if block.value("queue") is not None else 0,
            not any(block.own(method) for method in ("hash", "ip_hash", "random")),
            block.value("resolver") is not None,
        )
        for block in blocks
    }


def _servers(block: Scope) -> list[UpstreamServer]:
    """Return the lines of an upstream, or those in its state file. Raises ConfigError."""
    state = block.value("state")
    if not state:
        return [line.value for line in block.own("server")]
    try:
        text = Path(state).read_text("utf-8")
    except FileNotFoundError:
        return []  # nothing was added yet
    except (OSError, ValueError) as error:
        raise ConfigError(f'state file "{state}": {error}') from error
    name = block.words[0]
    if not text.strip():
        return []
    http = load_text(f"events {{}} http {{ upstream {name} {{\n{text}\n}} }}").http
    assert http is not None
    return [line.value for line in http.blocks("upstream")[0].own("server")]


def fill(upstream: Upstream, servers: Iterable[UpstreamServer], making: Making) -> None:
    """Give an upstream the members that its lines name."""
    members: list[Member] = []
    for server in servers:
        if server.resolve and server.address.family is Family.NAME:
            members.append(Member(len(members), server))
            continue
        found = addresses(server, making)
        if not found:
            upstream.unresolved.append(Member(-1, server))
        members += [Member(len(members) + index, server, at) for index, at in enumerate(found)]
    upstream.fill(members)


def addresses(server: UpstreamServer, making: Making) -> list[str]:
    """Return the addresses of one line; none where its name is not known yet."""
    where = server.address
    if where.family is Family.UNIX:
        return [f"unix:{where.path}"]
    if where.family is not Family.NAME:
        return [Address(where.host, where.port).text.decode()]
    try:
        found = resolve_at_once(where.host, where.port)
    except OSError as error:
        making.notices.append(
            f'host not found in upstream "{server.name}": {error.strerror}; '
            "it is looked up again when it is needed"
        )
        return []
    return [address.text.decode() for address in found]


def _policy(block: Scope, making: Making) -> Policy:
    """Return the policy that stands last, as nginx does."""
    lines = [line for name in given.POLICIES for line in block.own(name)]
    if not lines:
        return RoundRobin()
    line = max(lines, key=lambda line: line.node.order if line.node else 0)
    match line.value:
        case given.Hash():
            key: Expression = making.expression(line.value.key)
            return Ring(key) if line.value.consistent else Hash(key)
        case given.LeastTime():
            return LeastTime(line.value.metric, line.value.inflight)
        case given.Random():
            return RandomTwo(line.value.metric) if line.value.two else Random()
    return IpHash() if line.name == "ip_hash" else LeastConn()


def _pool(block: Scope) -> Pool:
    keepalive = block.value("keepalive")
    return Pool(
        keepalive.connections,
        block.value("keepalive_requests"),
        block.value("keepalive_timeout"),
        block.value("keepalive_time"),
        keepalive.local,
    )


def _queue(block: Scope) -> Queue | None:
    line = block.value("queue")
    return Queue(line.most, line.timeout) if line is not None else None


def _sticky(block: Scope, making: Making) -> Sticky | None:
    line = block.value("sticky")
    match line:
        case bound.StickyRoute():
            return Sticky(making.variable(name) for name in line.variables)
        case bound.StickyLearn():
            return StickyLearn(
                (making.variable(name) for name in line.lookup),
                (making.variable(name) for name in line.create),
                sessions.zone(line.zone, line.size),
                line.timeout,
                line.header,
            )
        case bound.StickyCookie():
            return _cookie(line, making)
    return None


def _cookie(line: bound.StickyCookie, making: Making) -> StickyCookie:
    domain, samesite = line.domain, line.samesite
    return StickyCookie(
        [making.variable(f"cookie_{line.name}")],
        line.name.encode(),
        line.expires,
        making.expression(domain) if domain is not None else None,
        line.path.encode(),
        line.httponly,
        line.secure,
        making.expression(samesite) if samesite is not None else None,
    )
