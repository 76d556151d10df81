"""health_check: the peers of a location's upstream are asked whether they work, by the keeper."""

from __future__ import annotations

from forkproxy.config.directives.health import HealthCheck, Match
from forkproxy.config.directives.proxy import ProxyPass
from forkproxy.config.scope import Scope
from forkproxy.config.template import Template, Var
from forkproxy.core.making import Making
from forkproxy.core.plan import Location
from forkproxy.errors import ConfigError
from forkproxy.features.proxy import introduction, upstream_of
from forkproxy.features.proxy_tls import secure
from forkproxy.upstream.check import Check, request
from forkproxy.upstream.secure import Secure, host_of


def install(scope: Scope, _location: Location, making: Making) -> None:
    """Give the upstream of a location its checks."""
    for line in scope.own("health_check") if scope.kind == "location" else ():
        passed = scope.own("proxy_pass")
        where = f" in {line.at.path}:{line.at.line}"
        target: ProxyPass = passed[0].value
        settings: HealthCheck = line.value
        assert target.target is not None
        made = Check(
            " ".join(scope.words),
            settings,
            _match(scope, settings.match),
            request(settings.uri, target.proxy_host.encode()),
            scope.value("proxy_connect_timeout"),
            scope.value("proxy_read_timeout"),
            *_secure(scope, target, making, where),
            said.of_nobody() if (said := introduction(scope)) else b"",
        )
        upstream_of(target.target, making).check_by(made)


def _secure(
    scope: Scope, passed: ProxyPass, making: Making, where: str
) -> tuple[Secure | None, bytes]:
    """Return how the peers are met by TLS, and who they must be."""
    if passed.scheme != "https":
        return None, b""
    made = secure(scope, making)
    name: Template = scope.value("proxy_ssl_name")
    parts = [passed.proxy_host if part == Var("proxy_host") else part for part in name]
    if made.certificates is not None or any(isinstance(part, Var) for part in parts):
        raise ConfigError(
            f'"health_check" has no request for variables of "proxy_ssl_*"{where}',
            hint="write a name and a certificate without variables, or type=tcp",
        )
    return made, host_of("".join(map(str, parts)).encode())


def _match(scope: Scope, name: str) -> Match | None:
    return next((line.value for line in scope.lines("match") if line.value.name == name), None)
