"""proxy_ssl_*: how the upstreams of a location are met by TLS."""

from __future__ import annotations

from typing import Any

from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.errors import ConfigError
from forkproxy.features.tls_certificates import (
    ByName,
    certificate_once,
    passwords,
    read_once,
)
from forkproxy.net.tls_certificate import TlsError
from forkproxy.net.tls_context import TlsContext
from forkproxy.upstream.secure import Secure

_RULES = ("protocols", "ciphers", "verify", "verify_depth", "trusted_certificate", "crl")


def secure(scope: Scope, making: Making) -> Secure:
    """Return what a scope says about TLS towards upstreams.

    Raises ConfigError where a file is missing or wrong.
    """
    made = Secure()
    made.name = making.expression(scope.value("proxy_ssl_name"))
    made.verify = scope.value("proxy_ssl_verify")
    try:
        made.context = _context(scope, making)
    except TlsError as error:
        raise ConfigError(str(error), path=scope.at.path, line=scope.at.line) from None
    made.certificates = made.context.certificates_for
    return made


def _context(scope: Scope, making: Making) -> TlsContext:
    said = {name: scope.value(f"proxy_ssl_{name}") for name in _RULES}
    certificate, key = (
        scope.value("proxy_ssl_certificate"),
        scope.value("proxy_ssl_certificate_key"),
    )
    flags = [scope.value(f"proxy_ssl_{name}") for name in ("server_name", "session_reuse")]
    commands = tuple(line.value for line in scope.lines("proxy_ssl_conf_command"))
    file = scope.value("proxy_ssl_password_file")
    identity = (*said.values(), certificate, key, *flags, commands, file)
    found: TlsContext | None = making.tls_contexts.get(identity)
    if found is not None:
        return found
    if said["verify"] and not said["trusted_certificate"]:
        raise TlsError("no proxy_ssl_trusted_certificate for proxy_ssl_verify")
    made = TlsContext(server=False)
    made.protocols(said["protocols"])
    made.ciphers(said["ciphers"])
    made.sends_name, reuse = flags
    made.resumable = {} if reuse else None
    if certificate is not None:
        _certificate(made, certificate, key, scope, making)
    if said["verify"]:
        made.verify(said["verify_depth"])
        name = said["trusted_certificate"]
        made.trust(name, read_once(name, making), announce=False)
        if said["crl"]:
            made.revoke(said["crl"], read_once(said["crl"], making))
    for command in commands:
        made.command(*command)
    making.tls_contexts[identity] = made
    return made


def _certificate(
    made: TlsContext, certificate: Any, key: Any, scope: Scope, making: Making
) -> None:
    if key is None:
        raise TlsError(
            'no "proxy_ssl_certificate_key" is defined for certificate '
            f'"{certificate.path or "with variables"}"'
        )
    file = scope.value("proxy_ssl_password_file")
    known = passwords(file) if file else ()
    if certificate.path is None or key.path is None:
        pair = (making.expression(certificate.template), making.expression(key.template))
        cache = scope.value("proxy_ssl_certificate_cache")
        made.certificates_for = ByName([pair], scope.folders.conf, known, cache)
    elif certificate.template:
        made.use(certificate_once(certificate.path, key.path, known, scope, making))
