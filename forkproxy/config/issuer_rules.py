"""What is wrong between issuers, and the servers that want certificates of them."""

from __future__ import annotations

from forkproxy.config.check import Checker
from forkproxy.config.issuers import WantedError, is_acme, issuers, wanted
from forkproxy.config.places import node_of
from forkproxy.config.scope import Scope

_VARIABLES = frozenset(("acme_certificate", "acme_certificate_key"))
_PLACES = frozenset(("ssl_certificate", "ssl_certificate_key"))


def check_issuers(checker: Checker, http: Scope) -> None:
    """Check that every issuer is whole, and that what servers want can be had."""
    known = issuers(http)
    for block in http.blocks("acme_issuer"):
        node = node_of(block)
        if known.blocks[block.subject] is not block:
            checker.complain(node, f'acme_issuer "{block.subject}" is duplicate', word=1)
            continue
        try:
            known.chain(block.subject)
        except WantedError as error:
            checker.complain(node, str(error), word=1, hint=error.hint)
    for server in http.blocks("server"):
        _check_server(checker, server)
        lines = (*server.own("acme_certificate"), *server.own("https"))
        try:
            wanted(server, known)
        except WantedError as error:
            checker.complain(node_of(lines[0]), str(error), word=1, hint=error.hint)
    for use in checker.used:
        if use.name in _VARIABLES and use.node.name not in _PLACES:
            message = f"${use.name} can be used in ssl_certificate and ssl_certificate_key only"
            checker.complain(use.node, message, word=use.word)


def _has_one(server: Scope) -> bool:
    return bool(server.own("acme_certificate") or server.own("https"))


def _check_server(checker: Checker, server: Scope) -> None:
    """Check that $acme_certificate stands in a pair, in a server that has one."""
    pairs = zip(server.lines("ssl_certificate"), server.lines("ssl_certificate_key"), strict=False)
    for certificate, key in pairs:
        uses = [is_acme(certificate.value.template), is_acme(key.value.template)]
        if uses[0] != uses[1]:
            message = "$acme_certificate and $acme_certificate_key go together"
            checker.complain(node_of(certificate), message, word=1)
        elif uses[0] and certificate.level is server and not _has_one(server):
            message = 'no "acme_certificate" is defined in this server'
            hint = f"the server in line {server.at.line} has none"
            checker.complain(node_of(certificate), message, word=1, hint=hint)
