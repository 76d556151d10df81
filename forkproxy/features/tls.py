"""ssl_*: what a server says about TLS, made a context while the keys may still be read.

Servers that say the same but for their certificates share one context: ten thousand of them are
one set of rules and ten thousand certificates.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from forkproxy.config.directives.tls import Pem, SessionCache
from forkproxy.config.issuers import is_acme
from forkproxy.config.problems import Position
from forkproxy.config.scope import Scope
from forkproxy.core.handshakes import Handshakes
from forkproxy.core.making import Making
from forkproxy.core.plan import Server
from forkproxy.errors import ConfigError
from forkproxy.features import acme, tls_stapling
from forkproxy.features.tls_certificates import (
    ByName,
    certificate_once,
    passwords,
    read_once,
    read_pem,
)
from forkproxy.features.tls_rules import rules
from forkproxy.net.tls_certificate import Certificate, TlsError
from forkproxy.net.tls_context import TlsContext
from forkproxy.net.tls_sessions import SMALLEST, shared_cache
from forkproxy.net.tls_tickets import SIZES, TicketKeys, shared_keys

# ssl_verify_client as nginx counts it.
VERIFY = {"off": 0, "on": 1, "optional": 2, "optional_no_ca": 3}


def install(scope: Scope, server: Server, making: Making, *, listening: bool) -> None:
    """Give a server its context, where it has certificates or is to refuse all handshakes.

    Raises ConfigError where a file is missing or wrong, and where a server that is `listening`
    for TLS has nothing to show.
    """
    server.verify_client = VERIFY[scope.value("ssl_verify_client")]
    if listening:
        server.rewrite = (rules(server), *server.rewrite)
    if acme.inherits_nothing(scope, making):
        return
    if not scope.lines("ssl_certificate") and not scope.value("ssl_reject_handshake"):
        if scope.lines("ssl_certificate_key") and listening:
            raise _missing('no "ssl_certificate" is defined', scope)
        return
    try:
        server.tls = _context(scope, making)
        tls_stapling.install(server.tls, scope, making)
        server.tls.counts = _counts(scope, making)
    except TlsError as error:
        at = _named(str(error), scope)
        raise ConfigError(str(error), path=at.path, line=at.line, column=at.column) from None


def _named(error: str, scope: Scope) -> Position:
    """Return where the file that an error names stands in the configuration, else the server."""
    for name in _FILES:
        for line in scope.lines(name):
            file = getattr(line.value, "path", line.value)
            if file and f'"{file}"' in error:
                return line.at
    return scope.at


def _counts(scope: Scope, making: Making) -> Handshakes:
    zones = scope.own("status_zone")
    zone = making.tally("server_zone", zones[0].value) if zones else None
    return Handshakes(making.tally("ssl", ""), zone)


def check_default(default: Server, here: Iterable[tuple[Scope, Server, bool]]) -> None:
    """Raise ConfigError where the default server of a TLS address has no context."""
    if default.tls is None:
        block = next(block for block, server, _ in here if server is default)
        raise _missing('no "ssl_certificate" is defined', block)


def _missing(reason: str, server: Scope) -> ConfigError:
    at = server.at
    line = server.node.line if server.node else at.line  # nginx names that of the brace
    text = f'{reason} for the "listen ... ssl" directive'
    return ConfigError(text, path=at.path, line=line, column=at.column if line == at.line else 1)


# What makes a context, beside the certificates that are shown.
_RULES = (
    "ssl_reject_handshake",
    "ssl_buffer_size",
    "ssl_protocols",
    "ssl_ciphers",
    "ssl_prefer_server_ciphers",
    "ssl_verify_client",
    "ssl_verify_depth",
    "ssl_client_certificate",
    "ssl_trusted_certificate",
    "ssl_crl",
    "ssl_ecdh_curve",
    "ssl_dhparam",
    "ssl_session_cache",
    "ssl_session_timeout",
    "ssl_session_tickets",
)
# What names a file.
_FILES = (
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_client_certificate",
    "ssl_trusted_certificate",
    "ssl_crl",
    "ssl_dhparam",
    "ssl_session_ticket_key",
    "ssl_password_file",
    "ssl_stapling_file",
)
_LISTS = ("ssl_session_ticket_key", "ssl_conf_command")
_OWN = frozenset((*_RULES, *_LISTS, "ssl_preset"))


def _context(scope: Scope, making: Making) -> TlsContext:
    """Make the context of one server. Raises TlsError, ConfigError."""
    commands = scope.lines("ssl_conf_command")
    rules = _rules(scope, making)
    # A command may change anything, the certificates too: who gives one shares with nobody.
    found = None if commands else making.tls_rules.get(rules)
    if found is None:
        made, demands = _by_rules(scope, making)
        making.tls_rules[rules] = made, demands
    else:
        first, demands = found
        made = first.sibling()
    identity = hashlib.sha256(b"HTTP" + demands)
    _certificates(made, scope, making, identity)
    made.identify(identity.digest())
    for line in commands:
        made.command(*line.value)
    return made


def _rules(scope: Scope, making: Making) -> Hashable:
    """Return all that a server says about TLS but its certificates: the key of its context."""
    if not scope.owns_any(_OWN):
        scope = scope.enclosing("http") or scope
    found = making.tls_said.get(scope)
    if found is None:
        found = making.tls_said[scope] = (
            *(scope.value(name) for name in _RULES),
            *(tuple(line.value for line in scope.lines(name)) for name in _LISTS),
        )
    return found


def _by_rules(scope: Scope, making: Making) -> tuple[TlsContext, bytes]:
    """Make a context without certificates; also a digest of what it demands of clients."""
    made = TlsContext(server=True)
    demands = hashlib.sha256()
    made.rejects = scope.value("ssl_reject_handshake")
    made.validation = acme.validation(making)
    made.record = max(1, min(scope.value("ssl_buffer_size"), 16384))
    made.protocols(scope.value("ssl_protocols"))
    made.ciphers(scope.value("ssl_ciphers"))
    if scope.value("ssl_prefer_server_ciphers"):
        made.prefer_own_ciphers()
    _verify(made, scope, making, demands)
    curves: str = scope.value("ssl_ecdh_curve")
    if curves != "auto":
        made.curves(curves)
    parameters = scope.value("ssl_dhparam")
    if parameters is not None:
        made.dh_parameters(parameters, read_pem(parameters))
    _sessions(made, scope)
    return made, demands.digest()


def _certificates(made: TlsContext, scope: Scope, making: Making, identity: hashlib._Hash) -> None:
    certificates = [line.value for line in scope.lines("ssl_certificate")]
    keys = [line.value for line in scope.lines("ssl_certificate_key")]
    if len(keys) < len(certificates):
        name = certificates[len(keys)].path or "with variables"
        raise _missing(f'no "ssl_certificate_key" is defined for certificate "{name}"', scope)
    file = scope.value("ssl_password_file")
    known = passwords(file) if file else ()
    pairs: list[tuple[Pem, Pem]] = list(zip(certificates, keys, strict=False))
    files = [pair for pair in pairs if not is_acme(pair[0].template)]
    if len(files) < len(pairs):
        others = _read(files, scope, making, known)
        for other in others:
            identity.update(other.fingerprint())
        made.certificates_for = acme.certificates(scope, making, others)
        identity.update(repr(sorted(made.certificates_for.names)).encode())
        return
    if any(part.path is None for pair in pairs for part in pair):
        made.certificates_for = ByName(
            [
                (making.expression(one.template), making.expression(two.template))
                for one, two in pairs
            ],
            scope.folders.conf,
            known,
            scope.value("ssl_certificate_cache"),
        )
        for certificate, _ in pairs:
            identity.update(repr(certificate.template).encode())
        return
    for found in _read(pairs, scope, making, known):
        made.use(found)
        identity.update(found.fingerprint())


def _read(
    pairs: list[tuple[Pem, Pem]], scope: Scope, making: Making, known: Sequence[bytes]
) -> list[Certificate]:
    """Read certificates out of files."""
    found = []
    for certificate, key in pairs:
        if certificate.path is None or key.path is None:
            raise TlsError("$acme_certificate goes with files only, not with other variables")
        found.append(certificate_once(certificate.path, key.path, known, scope, making))
    return found


def _verify(made: TlsContext, scope: Scope, making: Making, demands: hashlib._Hash) -> None:
    how = scope.value("ssl_verify_client")
    announced = scope.value("ssl_client_certificate")
    trusted = scope.value("ssl_trusted_certificate")
    if how != "off":
        if not announced and not trusted and how != "optional_no_ca":
            raise TlsError(
                'no "ssl_client_certificate" or "ssl_trusted_certificate" '
                "is defined for ssl_verify_client"
            )
        made.verify(scope.value("ssl_verify_depth"))
    demands.update(f"{how} {scope.value('ssl_verify_depth')} ".encode())
    for name, announce in ((announced, True), (trusted, False)):
        if name:
            octets = read_once(name, making)
            made.trust(name, octets, announce)
            demands.update(octets)
    revoked = scope.value("ssl_crl")
    if revoked:
        octets = read_once(revoked, making)
        made.revoke(revoked, octets)
        demands.update(octets)


def _sessions(made: TlsContext, scope: Scope) -> None:
    given: SessionCache = scope.value("ssl_session_cache")
    timeout: float = scope.value("ssl_session_timeout")
    made.session_timeout(int(timeout))
    shared = shared_cache(given.name, max(given.size, SMALLEST)) if given.name else None
    made.session_cache(given.on, given.builtin, shared)
    made.session_tickets(scope.value("ssl_session_tickets"))
    files = [line.value for line in scope.lines("ssl_session_ticket_key")]
    if files:
        made.tickets = _given_keys(files)
    else:
        made.tickets = shared_keys(given.name, timeout)


def _given_keys(files: list[str]) -> TicketKeys:
    keys = []
    for file in files:
        octets = _octets(file)
        if len(octets) not in SIZES:
            raise TlsError(f'"{file}" must be 48 or 80 bytes')
        keys.append(octets)
    return TicketKeys(given=keys)


def _octets(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise TlsError(f'open() "{file}" failed ({error.errno}: {error.strerror})') from None
