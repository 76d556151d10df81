"""ssl_*: TLS towards clients.

ssl_certificate     example.com.crt;      chain included, the server's own first; twice: RSA, ECDSA
ssl_certificate_key example.com.key;      both may have variables, or be data:PEM
ssl_preset          intermediate;         what Mozilla recommends, as the defaults of the others
ssl_session_cache   shared:TLS:10m;
ssl_verify_client   on;
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy import units
from forkproxy.config import values
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
from forkproxy.config.template import Template, variables

if TYPE_CHECKING:
    from forkproxy.config.row import Derive
    from forkproxy.config.scope import Scope

HS = (HTTP, SERVER)
VERSIONS = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
SMALLEST_CACHE = 8 * 4096  # octets: nginx's, eight pages

# https://wiki.mozilla.org/Security/Server_Side_TLS, guidelines 5.7.
PRESETS = ("intermediate", "modern")
_INTERMEDIATE_CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305"
)
_PRESET_CURVES = "X25519:prime256v1:secp384r1"


@dataclass(frozen=True, slots=True)
class Pem:
    """Where a certificate or a key is: a file, or "data:" and the PEM itself.

    `path` is None where the name has variables.
    """

    template: Template
    path: str | None


@dataclass(frozen=True, slots=True)
class SessionCache:
    """Where sessions are kept: `builtin` many in each process, `name` is of shared memory."""

    on: bool = True
    builtin: int = 0
    name: str = ""
    size: int = 0  # octets


@dataclass(frozen=True, slots=True)
class ObjectCache:
    """How many certificates with variables in their names are kept; 0: none."""

    most: int = 0
    inactive: float = 10.0  # seconds
    valid: float = 60.0  # seconds


def pem(args: Arguments) -> Pem:
    """Read the name of a certificate or a key."""
    template = values.template_at(args, 0)
    if variables(template):
        return Pem(template, None)
    return Pem(template, conf_path(args, args[0]))


def conf_path(args: Arguments, name: str) -> str:
    """Return a file name, taken from the folder of the configuration where it is relative."""
    if name.startswith("data:"):
        return name
    if name.startswith(("engine:", "store:")):
        raise Invalid(
            f'cannot load "{name}": forkproxy takes files and data: only',
            hint="export the key to a file that only the master's user may read",
        )
    return os.path.join(args.level.folders.conf, name)  # noqa: PTH118 (kept as written)


def conf_file(args: Arguments) -> str:
    """Read a file name that is relative to the folder of the configuration."""
    return conf_path(args, args[0])


def session_cache(args: Arguments) -> SessionCache:
    """Read off, none, or builtin[:count] and shared:name:size."""
    found = SessionCache()
    for index, word in enumerate(args.words, 1):
        kind, _, rest = word.partition(":")
        if word in ("off", "none"):
            return SessionCache(on=word == "none")
        if kind == "builtin":
            found = SessionCache(True, _count(args, rest, index), found.name, found.size)
        elif kind == "shared":
            name, size = _shared(args, rest, index)
            found = SessionCache(True, found.builtin, name, size)
        else:
            raise Invalid(f'invalid session cache "{word}"', index)
    return found


def _count(args: Arguments, text: str, index: int) -> int:
    if not text:
        return 20 * 1024  # OpenSSL's
    try:
        return units.parse_number(text)
    except ValueError:
        raise Invalid(f'invalid session cache "{args[index - 1]}"', index) from None


def _shared(args: Arguments, text: str, index: int) -> tuple[str, int]:
    name, _, size = text.partition(":")
    word = args[index - 1]
    try:
        octets = units.parse_size(size)
    except ValueError:
        raise Invalid(f'invalid session cache "{word}"', index) from None
    if not name:
        raise Invalid(f'invalid session cache "{word}"', index)
    if octets < SMALLEST_CACHE:
        raise Invalid(f'session cache "{word}" is too small', index)
    return name, octets


def object_cache(args: Arguments) -> ObjectCache:
    """Read off, or max=N inactive=time valid=time."""
    if args.words == ("off",):
        return ObjectCache()
    given: dict[str, float] = {}
    for index, name, value in values.options(args, 0):
        try:
            if name == "max":
                given["most"] = units.parse_number(value)
            elif name in ("inactive", "valid"):
                given[name] = units.parse_duration(value, whole_seconds=True)
            else:
                raise values.unknown_option(args, index)
        except ValueError:
            raise values.unknown_option(args, index) from None
    if not given.get("most"):
        raise args.refuse('must have the "max" parameter')
    return ObjectCache(int(given["most"]), given.get("inactive", 10.0), given.get("valid", 60.0))


# Commands of SSL_CONF_cmd(3) whose value is the name of a file or a folder.
_OF_FILES = frozenset(
    [
        "certificate",
        "privatekey",
        "serverinfofile",
        "chaincapath",
        "chaincafile",
        "verifycapath",
        "verifycafile",
        "requestcafile",
        "clientcafile",
        "requestcapath",
        "clientcapath",
        "dhparameters",
    ]
)


def conf_command(args: Arguments) -> tuple[str, str]:
    """Read a command of SSL_CONF_cmd(3) and its value."""
    if args[0].lower() in _OF_FILES:
        return args[0], conf_path(args, args[1])
    return args[0], args[1]


def ticket_key(args: Arguments) -> str:
    """Read the name of a file of 48 or 80 octets."""
    return conf_path(args, args[0])


def responder(args: Arguments) -> str:
    """Read the URL of an OCSP responder."""
    if not args[0].startswith("http://"):
        raise Invalid(f'invalid URL prefix in OCSP responder "{args[0]}"', hint="write http://…")
    return args[0]


def _by_preset(usual: object, intermediate: object, modern: object) -> Derive:
    def derive(level: Scope) -> object:
        preset = level.value("ssl_preset")
        return {"intermediate": intermediate, "modern": modern}.get(preset, usual)

    return derive


def _setting(name: str, parse: Parse, manual: str, **rest: object) -> Row:
    return row(name, HS, parse, manual, **rest)


ROWS = [
    _setting(
        "ssl_certificate",
        pem,
        "certificate of the server with its chain, in PEM",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting(
        "ssl_certificate_key",
        pem,
        "private key of the certificate, in PEM",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting("ssl_password_file", conf_file, "file of passwords for keys, one a line"),
    _setting(
        "ssl_certificate_cache",
        object_cache,
        "how many certificates with variables in their names are kept in memory",
        args=(1, 3),
        derive=lambda _level: ObjectCache(),
    ),
    _setting(
        "ssl_preset",
        values.choice(*PRESETS),
        "Mozilla's recommendation that sets the defaults of protocols, ciphers and curves",
        modern="intermediate",
    ),
    _setting(
        "ssl_protocols",
        values.choices(*VERSIONS),
        "versions of TLS",
        args=(1, None),
        derive=_by_preset(
            frozenset({"TLSv1.2", "TLSv1.3"}),
            frozenset({"TLSv1.2", "TLSv1.3"}),
            frozenset({"TLSv1.3"}),
        ),
    ),
    _setting(
        "ssl_ciphers",
        values.word,
        "ciphers up to TLS 1.2, in OpenSSL's language",
        derive=_by_preset("HIGH:!aNULL:!MD5", _INTERMEDIATE_CIPHERS, "HIGH:!aNULL:!MD5"),
    ),
    _setting(
        "ssl_prefer_server_ciphers",
        values.flag,
        "the server's order of ciphers goes before the client's",
        default=False,
    ),
    _setting(
        "ssl_ecdh_curve",
        values.word,
        "groups for the exchange of keys, best first",
        derive=_by_preset("auto", _PRESET_CURVES, _PRESET_CURVES),
    ),
    _setting("ssl_dhparam", conf_file, "Diffie-Hellman parameters for DHE ciphers"),
    _setting(
        "ssl_session_cache",
        session_cache,
        "where sessions are kept: off, none, builtin or shared:name:size",
        args=(1, 2),
        derive=lambda _level: SessionCache(),
    ),
    _setting(
        "ssl_session_timeout", values.seconds, "how long a session may be resumed", default=300.0
    ),
    _setting(
        "ssl_session_tickets",
        values.flag,
        "let clients keep their sessions themselves, sealed",
        default=True,
    ),
    _setting(
        "ssl_session_ticket_key",
        ticket_key,
        "file with a key for tickets; the first seals, all open",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting(
        "ssl_verify_client",
        values.choice("on", "off", "optional", "optional_no_ca"),
        "whether clients have to show a certificate",
        default="off",
    ),
    _setting(
        "ssl_verify_depth", values.number(), "longest chain of a client's certificate", default=1
    ),
    _setting(
        "ssl_client_certificate", conf_file, "authorities of clients, whose names are sent to them"
    ),
    _setting(
        "ssl_trusted_certificate", conf_file, "authorities of clients, whose names are not sent"
    ),
    _setting("ssl_crl", conf_file, "lists of revoked certificates of clients"),
    _setting(
        "ssl_reject_handshake", values.flag, "refuse all handshakes of this server", default=False
    ),
    _setting(
        "ssl_conf_command",
        conf_command,
        "a command of OpenSSL's own configuration",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting("ssl_buffer_size", values.size, "largest record that is sent", default=16384),
    accepted("ssl_early_data", HS, values.flag, default=False),
    _setting(
        "ssl_stapling",
        values.flag,
        "show what the authority says of the certificate",
        default=False,
    ),
    _setting("ssl_stapling_file", conf_file, "an answer of the authority, in DER, to be shown"),
    _setting("ssl_stapling_responder", responder, "who is asked instead of whom certificates name"),
    _setting(
        "ssl_stapling_verify",
        values.flag,
        "an answer's signature must be by ssl_trusted_certificate",
        default=False,
    ),
    accepted("ssl_object_cache_inheritable", ["main"], values.flag, default=True),
]
