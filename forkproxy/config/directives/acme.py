"""acme_issuer, acme_certificate: certificates that are obtained and renewed by themselves.

acme_issuer letsencrypt {
    uri         https://acme-v02.api.letsencrypt.org/directory;
    contact     admin@example.com;
    accept_terms_of_service;
}
server {
    acme_certificate    letsencrypt example.com www.example.com key=ecdsa:256;
    ssl_certificate     $acme_certificate;
    ssl_certificate_key $acme_certificate_key;
}
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.directives.tls import conf_file, conf_path
from forkproxy.config.row import (
    HTTP,
    SERVER,
    Arguments,
    Inherit,
    Invalid,
    Parse,
    Row,
    accepted,
    row,
)

ISSUER = "acme_issuer"
CHALLENGES = {
    "http": "http-01",
    "http-01": "http-01",
    "tls-alpn": "tls-alpn-01",
    "tls-alpn-01": "tls-alpn-01",
    "dns": "dns-01",
    "dns-01": "dns-01",
}
SIZES = {"ecdsa": (256, 384, 521), "rsa": (2048, 3072, 4096)}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+=*")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class Key:
    """What a new private key is like: "ecdsa" or "rsa", and its bits."""

    kind: str = "ecdsa"
    bits: int = 256

    def __str__(self) -> str:
        return f"{self.kind}:{self.bits}"


ECDSA = Key()


@dataclass(frozen=True, slots=True)
class Challenge:
    """How a name is proved to be ours; `hook` is the program that writes DNS records."""

    kind: str = "http-01"
    hook: str = ""


HTTP_01 = Challenge()


@dataclass(frozen=True, slots=True)
class ExternalAccount:
    """The account elsewhere that ours belongs to: its name, and the key, or a file with it."""

    kid: str
    key: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """The kind of certificate that is asked for; `required`: no other will do."""

    profile: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class AcmeCertificate:
    """What a server wants; without identifiers those of its server_name."""

    issuer: str
    identifiers: tuple[str, ...] = ()
    key: Key = ECDSA


def parse_key(text: str) -> Key:
    """Return what "ecdsa:384", "rsa" or the like means. Raises ValueError."""
    kind, colon, bits = text.partition(":")
    if kind not in SIZES:
        raise ValueError(text)
    made = Key(kind, units.parse_number(bits) if colon else SIZES[kind][0])
    if made.bits not in SIZES[kind]:
        raise ValueError(text)
    return made


def identifier(text: str) -> str:
    """Return a name or an address as it stands in a certificate. Raises ValueError."""
    bare = text.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    name = text.lower().removesuffix(".")
    if not name.isascii():
        name = name.encode("idna").decode()
    labels = name.removeprefix("*.").split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(text)
    return name


def uri(args: Arguments) -> str:
    """Read the URL of a directory."""
    parts = urlsplit(args[0])
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Invalid(f'invalid URL "{args[0]}"', hint="https://ca.example/directory")
    return args[0]


def account_key(args: Arguments) -> Key | str:
    """Read the kind of key to make, or the name of a file with one."""
    try:
        return parse_key(args[0])
    except ValueError:
        kind = args[0].partition(":")[0]
        if kind in SIZES:
            what = "curve" if kind == "ecdsa" else "key size"
            raise Invalid(f'unsupported {what} in "{args[0]}"', hint=_KEY_HINT) from None
        return conf_path(args, args[0])


_KEY_HINT = "ecdsa:256, ecdsa:384, ecdsa:521, rsa:2048, rsa:3072 or rsa:4096"


def challenge(args: Arguments) -> Challenge:
    """Read the kind of challenge, and for dns-01 its program."""
    kind = CHALLENGES.get(args[0])
    if kind is None:
        raise Invalid(f'unsupported challenge: "{args[0]}"', hint="http-01, tls-alpn-01 or dns-01")
    hook = ""
    for index, name, value in values.options(args, 1):
        if name != "hook" or not value or kind != "dns-01":
            raise values.unknown_option(args, index)
        hook = conf_path(args, value)
    if kind == "dns-01" and not hook:
        hint = "challenge dns-01 hook=/path/of/a/program; the manual says how it is called"
        raise args.refuse("needs a hook for dns-01", hint=hint)
    return Challenge(kind, hook)


def contact(args: Arguments) -> tuple[str, ...]:
    """Read URLs; one without a scheme is an address of mail."""
    return tuple(one if ":" in one else f"mailto:{one}" for one in args.words)


def external_account_key(args: Arguments) -> ExternalAccount:
    """Read a name and a file, or data: and the key itself in base64url."""
    if not args[1].startswith("data:"):
        return ExternalAccount(args[0], path=conf_path(args, args[1]))
    key = args[1].removeprefix("data:")
    if not _BASE64URL.fullmatch(key):
        raise Invalid("the key is no base64url", 2)
    return ExternalAccount(args[0], key)


def profile(args: Arguments) -> Profile:
    """Read the name of a profile, and whether another would do."""
    if len(args) == 2 and args[1] != "require":
        raise values.unknown_option(args, 2)
    return Profile(args[0], len(args) == 2)


def state_path(args: Arguments) -> str:
    """Read a folder."""
    if args[0] == "off":
        hint = "leave it out: the certificates are then below the prefix, in acme_NAME"
        raise Invalid('"state_path off" is not supported by this version of forkproxy', hint=hint)
    return values.full_path(args, args[0])


def acme_certificate(args: Arguments) -> AcmeCertificate:
    """Read an issuer, identifiers, and key=."""
    found: list[str] = []
    key = ECDSA
    for index, text in enumerate(args.words[1:], 2):
        if text.startswith("key="):
            try:
                key = parse_key(text.removeprefix("key="))
            except ValueError:
                raise Invalid(f'unsupported key "{text}"', index, hint=_KEY_HINT) from None
            continue
        dot, bare = text[:1] * text.startswith("."), text.removeprefix(".")
        try:
            found.append(dot + identifier(bare))
        except (ValueError, UnicodeError):
            raise Invalid(f'invalid identifier "{text}"', index) from None
    return AcmeCertificate(args[0], tuple(dict.fromkeys(found)), key)


def shared_zone(args: Arguments) -> str:
    """Read zone=NAME:SIZE."""
    option, _, zone = args[0].partition("=")
    name, colon, size = zone.rpartition(":")
    if option != "zone" or not name or not colon:
        raise args.refuse('must have "zone" parameter')
    try:
        units.parse_size(size)
    except ValueError:
        raise Invalid(f'invalid zone size "{zone}"') from None
    return name


def _part(name: str, parse: Parse, manual: str, **rest: object) -> Row:
    return row(name, [ISSUER], parse, manual, inherit=Inherit.HERE, **rest)


ROWS = [
    row(
        ISSUER,
        [HTTP],
        values.word,
        "name { uri …; contact …; … }: an authority that certificates are obtained from by ACME",
        inside=ISSUER,
        repeat=True,
        stand_in="",
    ),
    _part("uri", uri, "the authority's directory"),
    _part(
        "account_key",
        account_key,
        "kind of key of the account (ecdsa:256), or a file with one",
        derive=lambda _level: ECDSA,
    ),
    _part(
        "challenge",
        challenge,
        "http-01, tls-alpn-01, or dns-01 hook=PROGRAM: how names are proved to be ours",
        args=(1, 2),
        derive=lambda _level: HTTP_01,
    ),
    _part("contact", contact, "whom the authority may write to", args=(1, None), repeat=True),
    _part(
        "external_account_key",
        external_account_key,
        "kid file|data:KEY: the account elsewhere that ours belongs to",
        args=2,
    ),
    _part("preferred_chain", values.word, "name of the root whose chain is taken, if offered"),
    _part("profile", profile, "name [require]: kind of certificate to ask for", args=(1, 2)),
    _part("ssl_trusted_certificate", conf_file, "authorities that the ACME server is held against"),
    _part("ssl_verify", values.flag, "verify the certificate of the ACME server", default=True),
    _part("state_path", state_path, "folder of the account, its certificates and their keys"),
    _part(
        "accept_terms_of_service",
        values.nothing,
        "agree to the terms of the authority",
        args=0,
        default=False,
    ),
    _part("fallback", values.word, "the issuer that is asked where this one fails"),
    accepted("acme_shared_zone", [HTTP], shared_zone),
    row(
        "acme_certificate",
        [SERVER],
        acme_certificate,
        "issuer [identifier …] [key=alg:size]: the certificate of $acme_certificate",
        args=(1, None),
        inherit=Inherit.SERVER,
    ),
]
