"""The `resolver` directive for who asks in a thread: where the ACME server's name leads to.

Only the keeper imports this.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import dns.exception
import dns.nameserver
import dns.resolver
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from forkproxy.config.address import Family, parse_address
from forkproxy.config.directives.client import Resolver

PORT = 53
PATIENCE = 10.0  # seconds


def address_of(resolver: Resolver, host: str) -> str:
    """Return an address of a host, as the name servers say. Waits. Raises OSError."""
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    asking = dns.resolver.Resolver(configure=False)
    asking.nameservers = list(_servers(resolver))
    reason = ""
    for kind, wanted in (("A", resolver.ipv4), ("AAAA", resolver.ipv6)):
        if wanted:
            try:
                return str(asking.resolve(host, kind, lifetime=PATIENCE)[0].to_text())
            except dns.exception.DNSException as error:
                reason = reason or str(error)
    raise OSError(f"{host} could not be resolved: {reason}")


def _servers(resolver: Resolver) -> Iterator[dns.nameserver.Nameserver]:
    for text in resolver.addresses:
        where = parse_address(text, default_port=PORT)
        host = where.host
        if where.family is Family.NAME:
            host = socket.gethostbyname(host)
        yield dns.nameserver.Do53Nameserver(host, where.port)


class Adapter(HTTPAdapter):
    """Connects to where the name servers say; names in certificates stay what they are."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        super().__init__()

    def init_poolmanager(self, *args: Any, **given: Any) -> None:
        """Make the pools of connections ours."""
        super().init_poolmanager(*args, **given)
        resolver = self._resolver

        class Connection(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                host = self._dns_host
                self._dns_host = address_of(resolver, host)
                try:
                    return super()._new_conn()
                finally:
                    self._dns_host = host

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        pools = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = {**pools, "https": Pool}
