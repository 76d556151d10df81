"""proxy_preset: in one line what applications behind a proxy need to know.

location / {
    proxy_preset modern;
    proxy_pass http://127.0.0.1:3000;
}

It sends the fields below, passes upgrades such as WebSocket on, and lets event streams through
unbuffered. What a configuration says itself goes before it, field by field: a preset fills gaps.
"""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.directives.map import Map, MapEntry
from forkproxy.config.directives.proxy import SetHeader
from forkproxy.config.row import HSL, LOCATION_IF, row
from forkproxy.config.template import parse_template

_HOST = "proxy_preset_host"
_CONNECTION = "proxy_preset_connection"

# The variables that it takes, as the maps that anybody would write for them.
MAPS = (
    Map(
        parse_template("$http_host"),
        _HOST,
        (MapEntry("", parse_template("$host")),),
        parse_template("$http_host"),
    ),
    Map(parse_template("$http_upgrade"), _CONNECTION, (MapEntry("", ()),), ("upgrade",)),
)

HEADERS = tuple(
    SetHeader(name, parse_template(value))
    for name, value in (
        ("Host", f"${_HOST}"),
        ("X-Real-IP", "$remote_addr"),
        ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
        ("X-Forwarded-Proto", "$scheme"),
        ("X-Forwarded-Host", f"${_HOST}"),
        ("X-Forwarded-Port", "$server_port"),
        ("X-Request-ID", "$request_id"),
        ("Upgrade", "$http_upgrade"),
        ("Connection", f"${_CONNECTION}"),
    )
)

ROWS = [
    row(
        "proxy_preset",
        [*HSL, LOCATION_IF],
        values.choice("off", "modern"),
        "modern: the usual fields for applications, WebSocket, event streams; off",
        default="off",
    )
]
