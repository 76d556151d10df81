"""acme_certificate, `https auto`: what a server shows that is looked after by the keeper.

Here the servers come by the certificates that there are, and every server answers what an
authority asks of it before anything else. Who obtains them is keeper/certificates.py.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from forkproxy.acme.folder import HTTP, TLS_ALPN
from forkproxy.acme.folder import validation as validation_certificate
from forkproxy.acme.managed import Managed, Shown
from forkproxy.config.issuers import Issuer, Wanted, every, is_acme
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Server
from forkproxy.errors import ConfigError
from forkproxy.features.acme_answers import answers
from forkproxy.net.tls_certificate import Certificate, TlsError
from forkproxy.net.tls_context import TlsContext

PACKAGES = ("acme", "josepy", "cryptography")


def define(http: Scope, making: Making) -> None:
    """Make what is looked after, once for all servers that want the same."""
    for server, wanted in every(http):
        making.managed[server] = tuple(_managed(one, making) for one in wanted)


def _managed(wanted: Wanted, making: Making) -> Managed:
    there = (managed for managed in all_managed(making) if managed.wanted == wanted)
    return next(there, None) or Managed(wanted)


def all_managed(making: Making) -> tuple[Managed, ...]:
    """Return all that is looked after, each once."""
    found = (one for several in making.managed.values() for one in several)
    return tuple(dict.fromkeys(found))


def load(making: Making) -> tuple[Managed, ...]:
    """Make the folders, read keys that only the master may, and what was obtained before.

    Raises ConfigError.
    """
    found = all_managed(making)
    missing = [name for name in PACKAGES if found and importlib.util.find_spec(name) is None]
    if missing:
        names = " ".join(missing)
        raise ConfigError(f"certificates are obtained with Python packages: pip install {names}")
    known: dict[str, Issuer] = {}
    for managed in found:
        for issuer in managed.wanted.issuers:
            making.folder(issuer.state_path)
            if issuer.name not in known:
                known[issuer.name] = _with_secrets(issuer)
        chain = tuple(known[issuer.name] for issuer in managed.wanted.issuers)
        managed.wanted = replace(managed.wanted, issuers=chain)
        try:
            managed.refresh()
        except TlsError as error:
            making.notices.append(f"{error}; it will be obtained anew")
    return found


def _with_secrets(issuer: Issuer) -> Issuer:
    """Return an issuer with the keys that its files hold: the keeper may not read them."""
    if isinstance(issuer.account_key, str):
        issuer = replace(issuer, account_key=_text(issuer.account_key))
    external = issuer.external
    if external is not None and external.path:
        key = _text(external.path).strip()
        issuer = replace(issuer, external=replace(external, key=key))
    if issuer.trusted:
        _text(issuer.trusted)
    return issuer


def _text(path: str) -> str:
    try:
        return Path(path).read_text("ascii")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise ConfigError(f'cannot load "{path}": {reason}') from None


def inherits_nothing(scope: Scope, making: Making) -> bool:
    """Say whether a server has $acme_certificate from outside, and no certificate that it means."""
    lines = scope.lines("ssl_certificate")
    return (
        bool(lines)
        and all(is_acme(line.value.template) for line in lines)
        and scope not in making.managed
    )


def certificates(scope: Scope, making: Making, others: Sequence[Certificate]) -> Shown:
    """Return what a server shows whose pairs have $acme_certificate among them, and `others`."""
    return Shown(making.managed[scope], others)


def install(server: Server, making: Making) -> None:
    """Let a server answer challenges."""
    folders = _folders(making, HTTP)
    if folders:
        server.rewrite = (answers(folders), *server.rewrite)


def _folders(making: Making, kind: str) -> tuple[str, ...]:
    """Return the folders of the issuers that a kind of challenge is used with."""
    paths = (
        issuer.state_path
        for managed in all_managed(making)
        for issuer in managed.wanted.issuers
        if issuer.uri and issuer.challenge.kind == kind
    )
    return tuple(dict.fromkeys(paths))


def validation(making: Making) -> TlsContext | None:
    """Return the context of handshakes by which an authority validates a name; None: there is none.

    RFC 8737: the certificate is made for the one that asks, and nothing follows.
    """
    folders = _folders(making, TLS_ALPN)
    if not folders:
        return None
    made: TlsContext | None = making.tls_contexts.get(TLS_ALPN)
    if made is None:
        made = making.tls_contexts[TLS_ALPN] = TlsContext(server=True)
        made.session_tickets(False)
        made.certificates_for = Validations(folders)
    return made


class Validations:
    """The certificates that lie in folders: called for each such handshake with a TlsStream."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self._folders = folders

    def __call__(self, stream: Any) -> tuple[Certificate, ...]:
        """Return the one for the name that is asked for. Raises TlsError."""
        name = (stream.server_name or b"").decode("latin-1")
        found = validation_certificate(self._folders, name)
        if found is None:
            raise TlsError(f'no validation of "{name}" is under way')
        return (Certificate(name, found, name, found),)
