"""proxy_ssl_*: TLS towards upstreams, for `proxy_pass https://…`.

proxy_ssl_verify on;  proxy_ssl_trusted_certificate ca.pem;  proxy_ssl_server_name on;
"""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.directives.tls import (
    VERSIONS,
    ObjectCache,
    conf_command,
    conf_file,
    object_cache,
    pem,
)
from forkproxy.config.row import HSL, Inherit, Parse, Row, row
from forkproxy.config.template import Var


def _setting(name: str, parse: Parse, manual: str, **rest: object) -> Row:
    return row(f"proxy_ssl_{name}", HSL, parse, manual, **rest)


ROWS = [
    _setting(
        "verify",
        values.flag,
        "whether the certificate of the upstream has to be good",
        default=False,
        preset=True,
    ),
    _setting("verify_depth", values.number(), "longest chain of the upstream", default=1),
    _setting("trusted_certificate", conf_file, "authorities that upstreams are trusted by"),
    _setting("crl", conf_file, "lists of revoked certificates of upstreams"),
    _setting(
        "name",
        values.template,
        "name that the certificate must have, and that is asked for",
        default=(Var("proxy_host"),),
    ),
    _setting(
        "server_name",
        values.flag,
        "ask the upstream for that name (SNI)",
        default=False,
        preset=True,
    ),
    _setting("certificate", pem, "our own certificate towards upstreams"),
    _setting("certificate_key", pem, "its key"),
    _setting("password_file", conf_file, "file of passwords for keys, one a line"),
    _setting(
        "certificate_cache",
        object_cache,
        "how many certificates with variables in their names are kept in memory",
        args=(1, 3),
        derive=lambda _level: ObjectCache(),
    ),
    _setting(
        "protocols",
        values.choices(*VERSIONS),
        "versions of TLS",
        args=(1, None),
        default=frozenset({"TLSv1.2", "TLSv1.3"}),
    ),
    _setting(
        "ciphers", values.word, "ciphers up to TLS 1.2, in OpenSSL's language", default="DEFAULT"
    ),
    _setting("session_reuse", values.flag, "resume sessions with upstreams", default=True),
    _setting(
        "conf_command",
        conf_command,
        "a command of OpenSSL's own configuration",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
]
