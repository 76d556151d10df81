"""`forkproxy proxy`: in front of an application without a file.

It writes the nginx.conf that somebody would have written, and serves that, so
that --print-config is the truth and the first lesson in the language.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

from forkproxy.errors import ConfigError

# What may stand in a directive without quotes, less the octets that would end it.
PLAIN = re.compile(r"[A-Za-z0-9._~:/@%+,=\[\]-]+")
PORT = re.compile(r":?([0-9]{1,5})")
LISTEN = ":8080"

# nginx reads this too. Each line is there because leaving it out is a mistake that people make.
TEMPLATE = """\
error_log stderr;

events {{
}}

http {{
    access_log off;

    # An upgrade, such as WebSocket, is passed on; other connections are kept open.
    map $http_upgrade $connection_upgrade {{
        default upgrade;
        ""      "";
    }}

    upstream application {{
{servers}
        keepalive 32;
    }}

    server {{
        listen {listen};
        client_max_body_size 0;

        location / {{
            proxy_pass http://application{path};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;

            # Bodies pass as they come, both ways: uploads, event streams.
            proxy_request_buffering off;
            proxy_buffering off;
        }}
    }}
}}
"""


def run(options: argparse.Namespace) -> int:
    """Serve, or print what would be served."""
    text = configuration(getattr(options, "from") or LISTEN, options.to)
    if options.print_config:
        print(text, end="")
        return 0
    from forkproxy.cli.source import Text
    from forkproxy.cli.start import serve

    return serve(Text("forkproxy proxy", text, options.prefix), workers=options.workers)


def configuration(listen: str, applications: Sequence[str]) -> str:
    """Return the nginx.conf for one listener before one or more applications.

    Raises ConfigError for an address that cannot be used.
    """
    parsed = [application(text) for text in applications]
    paths = {each.path for each in parsed}
    if len(paths) > 1:
        raise ConfigError("--to: several applications share one path; give each the same")
    return TEMPLATE.format(
        listen=listening(listen),
        servers="\n".join(f"        server {each.address};" for each in parsed),
        path=paths.pop(),
    )


def listening(text: str) -> str:
    """Return the argument of `listen` for ":8080", "8080", "HOST:PORT" or "unix:PATH"."""
    if not PLAIN.fullmatch(text):
        raise ConfigError(f'--from: "{text}" is not an address')
    port = PORT.fullmatch(text)
    return number(port[1], "--from") if port else text


@dataclass(frozen=True, slots=True)
class Application:
    """What stands behind --to."""

    address: str  # the argument of an upstream's `server`
    path: str  # "" or with a slash at both ends: what replaces the "/" of a request


def application(text: str) -> Application:
    """Parse ":3000", "3000", "HOST[:PORT]", "http://HOST[:PORT][/PATH]" or "unix:PATH"."""
    if not PLAIN.fullmatch(text):
        raise ConfigError(f'--to: "{text}" is not an address')
    if text.startswith("https://"):
        raise ConfigError(f'--to: "{text}": TLS to an application is not supported by this version')
    if text.startswith("unix:"):
        return Application(text, "")
    authority, slash, path = text.removeprefix("http://").partition("/")
    if slash and path:
        path = f"/{path.strip('/')}/"
    port = PORT.fullmatch(authority)
    if port:
        return Application(f"127.0.0.1:{number(port[1], '--to')}", path)
    if not authority or authority.startswith(":"):
        raise ConfigError(f'--to: "{text}" is not an address')
    return Application(authority, path)


def number(digits: str, option: str) -> str:
    """Return a port that exists, as it was written."""
    if not 1 <= int(digits) <= 65535:
        raise ConfigError(f"{option}: there is no port {digits}")
    return digits
