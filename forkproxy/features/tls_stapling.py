"""ssl_stapling: workers ask the authority of a certificate whether it is good, and show the answer.

Asked is what the certificate names, or ssl_stapling_responder, when a client first wants to know;
the answer is kept by each worker. ssl_stapling_file shows an answer out of a file instead.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.errors import ForkproxyError
from forkproxy.features.resolver import resolver
from forkproxy.net import probe, tasks
from forkproxy.net.dial import Address
from forkproxy.net.resolver import Resolver
from forkproxy.net.tls_certificate import TlsError
from forkproxy.net.tls_context import TlsContext
from forkproxy.net.tls_stapling import Staple
from forkproxy.shared.errorlog import log
from forkproxy.upstream.url import split_url

LIMIT = 60.0  # seconds that a responder has to accept, and again to answer
MOST = 65536  # octets of an answer


def install(made: TlsContext, scope: Scope, making: Making) -> None:
    """Let a server's context show staples, where it says so. Raises TlsError."""
    if not scope.value("ssl_stapling") or not made.certificates:
        return
    file = scope.value("ssl_stapling_file")
    response = _read(file) if file else None
    url = scope.value("ssl_stapling_responder")
    verify = scope.value("ssl_stapling_verify")
    staples = []
    for certificate in made.certificates:
        asked = url.encode() if url else None
        try:
            one = Staple(made, certificate, asked, verify, response)
        except TlsError as error:
            if response is not None:
                raise
            making.notices.append(f'"ssl_stapling" ignored, {error}')
            continue
        staples.append(one)
    if staples:
        made.staples = staples
        names = resolver(scope, making)
        made.fetch = Fetch(names, scope.value("resolver_timeout"))


def _read(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise TlsError(f'BIO_new_file("{file}") failed ({error.errno}: {error.strerror})') from None


class Fetch:
    """Asks for staples, each in a greenlet of its own."""

    def __init__(self, names: Resolver | None, resolve_limit: float) -> None:
        self._names = names
        self._resolve_limit = resolve_limit

    def __call__(self, staple: Any) -> None:
        tasks.spawn("stapling", self._fetch, staple)

    def _fetch(self, staple: Staple) -> None:
        """Ask the responder, and tell the staple what came. Waits."""
        assert staple.url is not None
        try:
            staple.take(self._answer(staple.url, staple.request()))
        except (ForkproxyError, TlsError, OSError, ValueError) as error:
            staple.give_up()
            responder = staple.url.decode(errors="replace")
            log.error(
                f"{error} while requesting certificate status, responder: {responder}, "
                f'certificate: "{staple.certificate.name}"'
            )

    def _answer(self, url: bytes, request: bytes) -> bytes:
        parts = split_url(url)
        if parts.scheme != b"http":
            raise ValueError("only a responder at http: is asked")
        path = (parts.uri or b"/").rstrip(b"/") + b"/"
        lines = (
            b"GET %b%b HTTP/1.0" % (path, quote(base64.b64encode(request), safe="").encode()),
            b"Host: %b" % parts.authority,
            b"Connection: close",
        )
        address = self._address(parts.host, int(parts.port))
        octets = b"\r\n".join(lines) + b"\r\n\r\n"
        head, body = probe.ask(address, octets, LIMIT, LIMIT, MOST)
        if head.status != 200:
            raise ValueError(f"OCSP responder sent invalid status {head.status}")
        return body

    def _address(self, host: str, port: int) -> Address:
        try:
            return Address(host, port)
        except ValueError:
            if self._names is None:
                raise ValueError(f'no resolver defined to resolve "{host}"') from None
        found = self._names.addresses(host, self._resolve_limit).addresses
        if not found:
            raise ValueError(f'"{host}" has no address')
        return Address(found[0], port)
