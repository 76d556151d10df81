"""realip: the address of a client that trusted proxies speak for, in place of theirs.

Runs before the server's rewrite code by what the server says, and before the limits by what the
location says, and changes the address once.
"""

from ipaddress import ip_network

from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.networks cimport Networks, forwarded
from forkproxy.core.plan cimport Location, Step

from forkproxy.core.networks import Networks as make_networks
from forkproxy.core.networks import split_port
from forkproxy.errors import ConfigError
from forkproxy.net.dial import resolve_at_once


cdef class RealIp(Step):

    cdef Networks trusted
    cdef bytes field                # in lower case; None: the PROXY protocol's header
    cdef bint recursive

    cdef Response run(self, Exchange exchange):
        cdef tuple found = None
        cdef list lines
        if exchange.address is not exchange.client.address:
            return None
        if self.field is None:
            found = self._of_proxy_protocol(exchange)
        else:
            lines = exchange.head.fields.all(self.field)
            if self.field != b"x-forwarded-for":
                lines = lines[:1]
            if lines:
                found = forwarded(exchange.address, lines, self.trusted, self.recursive)
        if found is not None:
            exchange.address, exchange.port = found
        return None

    cdef tuple _of_proxy_protocol(self, Exchange exchange):
        told = getattr(exchange.client, "proxy_line", None)
        if told is None or not told.address or not self.trusted.has(exchange.address):
            return None
        return told.address, told.port

    cdef bint harmless(self) noexcept:
        return True


def step(scope, making):
    """Return the step that a scope asks for, None where it trusts nobody."""
    cdef RealIp made
    lines = scope.lines("set_real_ip_from")
    if not lines:
        return None
    made = RealIp.__new__(RealIp)
    given = [line.value for line in lines]
    networks = [one.network for one in given if one.network is not None]
    for host in [one.host for one in given if one.host]:
        networks += _networks_of(host)
    made.trusted = make_networks(networks, any([not one.network and not one.host for one in given]))
    field = scope.value("real_ip_header")
    made.field = None if field == "proxy_protocol" else field.encode()
    made.recursive = scope.value("real_ip_recursive")
    return made


def _networks_of(host):
    """Return the addresses of a host as networks."""
    try:
        found = resolve_at_once(host, 0)
    except OSError:
        raise ConfigError(f'host not found in set_real_ip_from "{host}"') from None
    return [ip_network(split_port(address.text)[0].decode()) for address in found]


def install(scope, Location location not None, making):
    """Hang it before everything else of a location's preaccess phase."""
    made = step(scope, making)
    if made is not None:
        location.preaccess = (made, *location.preaccess)
