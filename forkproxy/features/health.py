"""health_check: the peers of a location's upstream are asked whether they work, by the keeper."""

from __future__ import annotations

from forkproxy.config.directives.health import HealthCheck, Match
from forkproxy.config.directives.proxy import ProxyPass
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Location
from forkproxy.errors import ConfigError
from forkproxy.features.proxy import introduction, upstream_of
from forkproxy.upstream.check import Check, request


def install(scope: Scope, _location: Location, making: Making) -> None:
    """Give the upstream of a location its checks."""
    for line in scope.own("health_check") if scope.kind == "location" else ():
        passed = scope.own("proxy_pass")
        where = f" in {line.at.path}:{line.at.line}"
        if not passed or passed[0].value.target is None:
            raise ConfigError(f'"health_check" needs a "proxy_pass" without variables{where}')
        target: ProxyPass = passed[0].value
        settings: HealthCheck = line.value
        if target.scheme != "http" and settings.kind == "http":
            raise ConfigError(
                f'"health_check" asks in plain HTTP only, and "proxy_pass" says https{where}',
                hint="write type=tcp: that the peers accept connections",
            )
        assert target.target is not None
        said = introduction(scope)
        greeting = said.of_nobody() if said else b""
        made = Check(
            " ".join(scope.words),
            settings,
            _match(scope, settings.match, where),
            greeting + request(settings.uri, target.proxy_host.encode()),
            scope.value("proxy_connect_timeout"),
            scope.value("proxy_read_timeout"),
        )
        upstream_of(target.target, making).check_by(made)


def _match(scope: Scope, name: str, where: str) -> Match | None:
    if not name:
        return None
    for line in scope.lines("match"):
        if line.value.name == name:
            found: Match = line.value
            return found
    raise ConfigError(f'unknown match "{name}"{where}')
