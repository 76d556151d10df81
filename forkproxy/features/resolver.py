"""resolver: the name servers that are asked while we run."""

from __future__ import annotations

from forkproxy.config.address import parse_address
from forkproxy.config.directives.client import Resolver as Given
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.errors import ConfigError
from forkproxy.net.dial import resolve_at_once
from forkproxy.net.resolver import Resolver

PORT = 53


def resolver(scope: Scope, making: Making) -> Resolver | None:
    """Return what asks the name servers of a scope; the same for the same servers."""
    given: Given | None = scope.value("resolver")
    if given is None:
        return None
    made = making.resolvers.get(given)
    if made is None:
        servers = [server for text in given.addresses for server in _servers(text)]
        made = making.resolvers[given] = Resolver(
            servers, given.valid, ipv4=given.ipv4, ipv6=given.ipv6
        )
        if given.zone:
            made.count_by(making.tally("resolver", given.zone).count)
    return made


def _servers(text: str) -> list[tuple[str, int]]:
    """Return the addresses of one name server; of all that its name has, where it is a name."""
    where = parse_address(text, default_port=PORT)
    try:
        found = [one.text.decode() for one in resolve_at_once(where.host, where.port)]
    except OSError as error:
        raise ConfigError(f'host not found in resolver "{text}"') from error
    return [
        (host.strip("[]"), int(port)) for host, _, port in (one.rpartition(":") for one in found)
    ]
