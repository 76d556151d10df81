"""Which certificates a configuration wants, and of whom: acme_certificate and `https auto`.

Public names get theirs by ACME. Names that no public authority may know (localhost, addresses,
.internal and its like) get one of an authority of our own, and so does every name of `https auto`
until the public certificate is there.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from forkproxy.config.directives.acme import (
    ECDSA,
    HTTP_01,
    AcmeCertificate,
    Challenge,
    ExternalAccount,
    Key,
    Profile,
    identifier,
)
from forkproxy.config.directives.client import Resolver
from forkproxy.config.directives.https import Https
from forkproxy.config.directives.server import NameKind, ServerName
from forkproxy.config.scope import Folders, Scope

INTERNAL = "internal"
LETSENCRYPT = "letsencrypt"
LETSENCRYPT_URI = "https://acme-v02.api.letsencrypt.org/directory"
STATE = "forkproxy.state"  # below the prefix; of what the configuration names no folder for
# Names that the Domain Name System has set aside (RFC 2606, 6761, 6762, 9476 and ICANN).
_SPECIAL = frozenset(
    ("test", "example", "invalid", "localhost", "local", "internal", "lan", "home", "alt", "onion")
)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An acme_issuer block. `uri` is "" for the authority of our own."""

    name: str
    state_path: str
    uri: str = ""
    account_key: Key | str = ECDSA
    challenge: Challenge = HTTP_01
    contact: tuple[str, ...] = ()
    external: ExternalAccount | None = None
    chain: str = ""
    profile: Profile | None = None
    trusted: str = ""
    verify: bool = True
    terms: bool = False
    resolver: Resolver | None = None  # None: names are resolved as the system does


@dataclass(frozen=True, slots=True)
class Wanted:
    """One certificate. The first issuer keeps it; the others are asked where it fails.

    `stand_in`: it is needed only until another one is there.
    """

    issuers: tuple[Issuer, ...]
    identifiers: tuple[str, ...]
    key: Key = ECDSA
    stand_in: bool = False

    @property
    def name(self) -> str:
        """What its files are called: the first identifier, and a mark of all."""
        text = " ".join((*self.identifiers, str(self.key)))
        mark = hashlib.sha256(text.encode()).hexdigest()[:8]
        first = self.identifiers[0].replace("*", "_").replace(":", "_")[:100]
        return f"{first}-{mark}"

    @property
    def path(self) -> str:
        """The file with the key and the chain."""
        return os.path.join(self.issuers[0].state_path, f"{self.name}.pem")  # noqa: PTH118


class WantedError(Exception):
    """A server wants a certificate that cannot be had.

    Attributes:
        hint: what to do instead.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


@dataclass(slots=True)
class Issuers:
    """The issuers of one configuration, by name."""

    blocks: dict[str, Scope]
    folders: Folders
    resolver: Resolver | None
    _made: dict[str, Issuer] = field(default_factory=dict)

    def chain(self, name: str) -> tuple[Issuer, ...]:
        """Return an issuer and those it falls back on. Raises WantedError."""
        found: dict[str, Issuer] = {}
        while name and name not in found:
            if name not in self.blocks:
                raise WantedError(f'issuer "{name}" is missing')
            found[name] = self._issuer(name)
            name = self.blocks[name].value("fallback") or ""
        return tuple(found.values())

    def _issuer(self, name: str) -> Issuer:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._read(name, self.blocks[name])
        return made

    def _read(self, name: str, block: Scope) -> Issuer:
        if not block.own("uri"):
            raise WantedError(f'no "uri" is defined for acme_issuer "{name}"')
        return Issuer(
            name,
            block.value("state_path") or self._below(f"acme_{name}"),
            block.value("uri"),
            block.value("account_key"),
            block.value("challenge"),
            tuple(one for line in block.own("contact") for one in line.value),
            block.value("external_account_key"),
            block.value("preferred_chain") or "",
            block.value("profile"),
            block.value("ssl_trusted_certificate") or "",
            block.value("ssl_verify"),
            block.value("accept_terms_of_service"),
            block.value("resolver"),
        )

    def automatic(self, given: Https) -> tuple[Issuer, ...]:
        """Return whom `https auto` asks. Raises WantedError."""
        name = given.issuer or next(iter(self.blocks), "")
        if name and given.contact:
            raise WantedError("the contact is that of the acme_issuer", "write it into its block")
        if name:
            return self.chain(name)
        # Who turns the switch on agrees to Let's Encrypt's terms: the manual says so.
        return (
            Issuer(
                LETSENCRYPT,
                self._below(f"{STATE}/acme/{LETSENCRYPT}"),
                LETSENCRYPT_URI,
                contact=given.contact,
                terms=True,
                resolver=self.resolver,
            ),
        )

    @property
    def internal(self) -> Issuer:
        """The authority of our own."""
        return Issuer(INTERNAL, internal_path(self.folders.prefix))

    def _below(self, name: str) -> str:
        return os.path.join(self.folders.prefix, name)  # noqa: PTH118 (kept as the user writes it)


def internal_path(prefix: str) -> str:
    """Return the folder of the authority of our own."""
    return os.path.join(prefix, STATE, INTERNAL)  # noqa: PTH118


def issuers(http: Scope) -> Issuers:
    """Return the issuers that an http block defines."""
    blocks: dict[str, Scope] = {}
    for block in http.blocks("acme_issuer"):
        blocks.setdefault(block.subject, block)
    return Issuers(blocks, http.folders, http.value("resolver"))


def wanted(server: Scope, known: Issuers) -> tuple[Wanted, ...]:
    """Return the certificates that a server wants, the one to show first. Raises WantedError."""
    own = server.own("acme_certificate")
    if own:
        return (_by_acme(server, own[-1].value, known),)
    if not server.own("https") or own_certificates(server):
        return ()
    return tuple(_automatic(server, server.own("https")[-1].value, known))


def own_certificates(server: Scope) -> bool:
    """Say whether a server has a certificate that we need not look for."""
    lines = server.lines("ssl_certificate")
    return bool(lines) and not any(is_acme(line.value.template) for line in lines)


def is_acme(template: object) -> bool:
    """Say whether a text is $acme_certificate, or its key."""
    if not isinstance(template, tuple) or len(template) != 1:
        return False
    return getattr(template[0], "name", "") in ("acme_certificate", "acme_certificate_key")


def _by_acme(server: Scope, given: AcmeCertificate, known: Issuers) -> Wanted:
    chain = known.chain(given.issuer)
    wild = chain[0].challenge.kind == "dns-01"
    identifiers = tuple(_spelt_out(given.identifiers, wild=wild)) or tuple(
        _names(server, wild=wild)
    )
    _check(identifiers, wild=wild)
    return Wanted(chain, identifiers, given.key)


def _spelt_out(identifiers: Iterable[str], *, wild: bool) -> Iterator[str]:
    for one in identifiers:
        if one.startswith("."):
            yield from bare_and_more(one[1:], wild=wild)
        else:
            yield one


def _automatic(server: Scope, given: Https, known: Issuers) -> Iterator[Wanted]:
    chain = known.automatic(given)
    wild = chain[0].challenge.kind == "dns-01"
    names = tuple(_names(server, wild=wild))
    _check(names, wild=True)
    # Whoever names an issuer knows it: a private one may well sign for private names.
    public = names if given.issuer else tuple(name for name in names if is_public(name))
    if public:
        _check(public, wild=wild)
        yield Wanted(chain, public)
    yield Wanted((known.internal,), names, stand_in=public == names)


def _names(server: Scope, *, wild: bool) -> Iterator[str]:
    """Yield the identifiers that the names of a server come to."""
    for line in server.own("server_name"):
        names: tuple[ServerName, ...] = line.value
        for name in names:
            if not name.text:
                continue
            if name.kind in (NameKind.REGEX, NameKind.PREFIX):
                hint = "name the identifiers: acme_certificate ISSUER example.com;"
                raise WantedError(f'invalid server name "{name.text}" for a certificate', hint)
            try:
                found = identifier(name.name)
            except (ValueError, UnicodeError):
                raise WantedError(f'invalid identifier "{name.text}"') from None
            if name.kind is NameKind.SUFFIX and not name.also_bare:
                yield f"*.{found}"
            elif name.also_bare:
                yield from bare_and_more(found, wild=wild)
            else:
                yield found


def bare_and_more(name: str, *, wild: bool) -> tuple[str, str]:
    """Return what a name with a leading dot stands for: as in nginx itself and with www."""
    return (name, f"*.{name}" if wild else f"www.{name}")


def _check(identifiers: Iterable[str], *, wild: bool) -> None:
    found = list(identifiers)
    if not found:
        raise WantedError("no identifiers for a certificate", "give the server a server_name")
    for name in found:
        if name.startswith("*.") and not wild:
            hint = "an acme_issuer with `challenge dns-01 hook=…` proves wildcards"
            raise WantedError(f'no certificate can be had for "{name}"', hint)


def is_public(name: str) -> bool:
    """Say whether an authority that all browsers know may sign for a name."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        labels = name.split(".")
        return len(labels) > 1 and labels[-1] not in _SPECIAL and not name.endswith(".home.arpa")
    return False


def every(http: Scope) -> Iterator[tuple[Scope, tuple[Wanted, ...]]]:
    """Yield the servers that want certificates, and which. Raises WantedError."""
    known = issuers(http)
    for server in http.blocks("server"):
        found = wanted(server, known)
        if found:
            yield server, found
