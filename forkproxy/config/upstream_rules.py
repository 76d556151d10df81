"""What is wrong with upstreams, and between them and what is passed on to them."""

from __future__ import annotations

from bisect import bisect_right

from forkproxy.config.address import Family
from forkproxy.config.check import Checker
from forkproxy.config.directives.gateways import SUFFIXES, GatewayPass
from forkproxy.config.directives.proxy import ProxyPass
from forkproxy.config.parser import Node
from forkproxy.config.places import node_of, say_of_block, scopes_within
from forkproxy.config.scope import Scope

_PASSING = frozenset(("proxy_pass", "health_check", *(f"{family}_pass" for family in SUFFIXES)))


def check_upstreams(checker: Checker, http: Scope) -> None:
    """Check the upstreams, and whatever passes requests on or asks how peers do."""
    names = _upstreams(checker, http)
    for scope in scopes_within(http):
        if scope.owns_any(_PASSING):
            _proxy_ports(checker, names, scope)
            _gateway_ports(checker, names, scope)
            _checks(checker, scope)


def _upstreams(checker: Checker, http: Scope) -> set[str]:
    """Check the upstreams and return their names."""
    names: set[str] = set()
    wrong = sorted(checker.findings.errors())
    for upstream in http.blocks("upstream"):
        name: str = upstream.subject
        if name in names:
            checker.complain(node_of(upstream), f'duplicate upstream "{name}"', word=1)
        names.add(name)
        if not _any_within(wrong, node_of(upstream)):
            _peers(checker, http, upstream)
    return names


def _peers(checker: Checker, http: Scope, upstream: Scope) -> None:
    servers = upstream.own("server")
    node = node_of(upstream)
    for line in upstream.own("state"):
        if servers:
            message = '"server" directive is not allowed with "state"'
            checker.complain(node_of(servers[0]), message, word=0, hint="the file has the servers")
        elif not upstream.own("zone"):
            message = '"state" directive requires "zone"'
            checker.complain(node_of(line), message, word=0, hint="zone NAME 64k;")
    if upstream.own("state"):
        return
    if not servers:
        message = "no servers are inside upstream"
        say_of_block(checker, upstream, message, node.closed, node.closed_line)
    elif all(line.value.backup for line in servers):
        message = f'no servers in upstream "{upstream.subject}"'
        hint = "all of them are backups: of what?"
        say_of_block(checker, upstream, message, node_of(http).closed, node.line, hint=hint)


def _any_within(orders: list[int], block: Node) -> bool:
    """Say whether one of some sorted errors is in a block: its servers may be the wrong lines."""
    at = bisect_right(orders, block.order)
    return at < len(orders) and orders[at] <= block.closed


def _proxy_ports(checker: Checker, upstreams: set[str], scope: Scope) -> None:
    for line in scope.own("proxy_pass"):
        passed: ProxyPass = line.value
        if passed.target is None or not passed.target.port_given:
            continue
        name = passed.target.host
        if name in upstreams:
            message = f'upstream "{name}" may not have port {passed.target.port}'
            hint = "the ports are those of its servers"
            checker.complain(node_of(line), message, word=1, hint=hint)


def _gateway_ports(checker: Checker, upstreams: set[str], scope: Scope) -> None:
    for family in SUFFIXES:
        for line in scope.own(f"{family}_pass"):
            passed: GatewayPass = line.value
            target = passed.target
            if target is None or target.port_given or target.family is Family.UNIX:
                continue
            if target.host not in upstreams:
                message = f'no port in upstream "{target.host}"'
                hint = f"write {line.name} {target.host}:PORT, or an upstream block of that name"
                checker.complain(node_of(line), message, word=1, hint=hint)


def _checks(checker: Checker, scope: Scope) -> None:
    """Hold health_check against what it needs beside it."""
    for line in scope.own("health_check"):
        passed = scope.own("proxy_pass")
        if not passed or passed[0].value.target is None:
            message = '"health_check" needs a "proxy_pass" without variables'
            checker.complain(node_of(line), message)
        name = line.value.match
        if name and all(match.value.name != name for match in scope.lines("match")):
            hint = f"there is no block: match {name} {{ … }}"
            checker.complain(node_of(line), f'unknown match "{name}"', hint=hint)
