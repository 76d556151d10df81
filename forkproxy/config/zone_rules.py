"""What is wrong between zones of shared memory, and the lines that name them."""

from __future__ import annotations

from forkproxy.config.check import Checker
from forkproxy.config.directives.gateways import SUFFIXES
from forkproxy.config.places import node_of, scopes_within
from forkproxy.config.scope import Scope
from forkproxy.config.template import constant

_CACHES = tuple(f"{family}_cache" for family in ("proxy", *SUFFIXES))
_LAST = 1 << 40  # nginx makes the zones when all else has been read and found good
_ANY_CACHE = frozenset(_CACHES)


def check_zones(checker: Checker, http: Scope) -> None:
    """Check that each zone is there once, and that what names one names one that is there."""
    _keyvals(checker, http)
    _limit_zones(checker, http)
    _upstream_zones(checker, http)
    _caches(checker, http)


def _keyvals(checker: Checker, http: Scope) -> None:
    """Check that each zone is there once, and that no keyval names another."""
    zones: set[str] = set()
    for line in http.own("keyval_zone"):
        if line.value.name in zones:
            checker.complain(node_of(line), f'keyval_zone "{line.value.name}" is duplicate', word=1)
        zones.add(line.value.name)
    for line in http.own("keyval"):
        if line.value.zone not in zones:
            message = f'zero size shared memory zone "{line.value.zone}"'
            hint = f"keyval_zone zone={line.value.zone}:1m;"
            checker.complain(node_of(line), message, word=3, hint=hint, order=_LAST)


def _limit_zones(checker: Checker, http: Scope) -> None:
    """Check that each zone of a limit is there, and there once."""
    taken: dict[str, str] = {line.value.name: line.name for line in http.own("keyval_zone")}
    for limit in ("limit_req", "limit_conn"):
        known: dict[str, str] = {}
        for line in http.own(f"{limit}_zone"):
            zone = line.value
            if zone.name in known:
                message = f'{line.name} "{zone.name}" is already bound to key "{known[zone.name]}"'
                checker.complain(node_of(line), message, word=2)
            elif taken.setdefault(zone.name, line.name) != line.name:
                message = (
                    f'the shared memory zone "{zone.name}" is already declared for a different use'
                )
                checker.complain(node_of(line), message, word=2, hint=f"as {taken[zone.name]}")
            known[zone.name] = zone.key_text
        for scope in scopes_within(http):
            for line in scope.own(limit):
                if line.value.zone not in known:
                    message = f'zero size shared memory zone "{line.value.zone}"'
                    hint = f"there is no {limit}_zone of that name"
                    checker.complain(node_of(line), message, word=1, hint=hint, order=_LAST)


def _upstream_zones(checker: Checker, http: Scope) -> None:
    """Check that of the upstreams in one zone one gives its size."""
    lines = [line for upstream in http.blocks("upstream") for line in upstream.own("zone")]
    sized = {line.value for line in lines if len(line.words) == 2}
    for line in lines:
        if line.value not in sized:
            message = f'zero size shared memory zone "{line.value}"'
            hint = f"zone {line.value} 64k;"
            checker.complain(node_of(line), message, word=1, hint=hint, order=_LAST)


def _caches(checker: Checker, http: Scope) -> None:
    """Check that each cache is one of http's: the zones of all families are one set."""
    known = {line.value.name for name in _CACHES for line in http.own(f"{name}_path")}
    for scope in scopes_within(http):
        if not scope.owns_any(_ANY_CACHE):
            continue
        for line in (line for name in _CACHES for line in scope.own(name)):
            zone = None if line.value.name is None else constant(line.value.name)
            if zone is not None and zone not in known:
                message = f'"{line.name}" zone "{zone}" is unknown'
                hint = f"{line.name}_path /var/cache/{zone} keys_zone={zone}:10m;"
                checker.complain(node_of(line), message, word=1, hint=hint)
