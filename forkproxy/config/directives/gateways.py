"""fastcgi_pass, scgi_pass, uwsgi_pass, and what belongs to them.

fastcgi_pass unix:/run/php/php-fpm.sock;    fastcgi_param SCRIPT_FILENAME /app$fastcgi_script_name;
uwsgi_pass   127.0.0.1:3031;                include uwsgi_params;
scgi_pass    app;                           scgi_param REQUEST_METHOD $request_method;
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy.config import values
from forkproxy.config.address import Address, AddressError, parse_address
from forkproxy.config.directives import cache, proxy, proxy_store, proxy_tls
from forkproxy.config.row import (
    HSL,
    LOCATION,
    LOCATION_IF,
    Arguments,
    Inherit,
    Invalid,
    Row,
    accepted,
    row,
)
from forkproxy.config.template import Template, parse_template, variables
from forkproxy.config.twin import Twin, copies

if TYPE_CHECKING:
    from forkproxy.config.scope import Scope


@dataclass(frozen=True, slots=True)
class GatewayPass:
    """Where requests go; with variables in the address, `target` is None."""

    address: Template
    target: Address | None = None
    secure: bool = False  # suwsgi://


@dataclass(frozen=True, slots=True)
class Param:
    """Something that the application is told."""

    name: str
    value: Template
    if_not_empty: bool = False


def gateway_pass(args: Arguments) -> GatewayPass:
    """Read an address, or the name of an upstream."""
    return _pass(args, args[0], secure=False)


def uwsgi_pass(args: Arguments) -> GatewayPass:
    """Read the same, with uwsgi:// or suwsgi:// before it or not."""
    scheme, _, rest = args[0].partition("://")
    if scheme.lower() not in ("uwsgi", "suwsgi"):
        return _pass(args, args[0], secure=False)
    return _pass(args, rest, secure=scheme.lower() == "suwsgi")


def _pass(args: Arguments, address: str, *, secure: bool) -> GatewayPass:
    template = values.template_at(args, 0)
    if variables(template):
        return GatewayPass(template)
    try:
        target = parse_address(address, default_port=0)
    except AddressError as error:
        hint = "the address alone, without scheme and path" if "://" in address else ""
        raise Invalid(f'{error.reason} in upstream "{address}"', hint=hint) from None
    return GatewayPass(template, target, secure)


def param(args: Arguments) -> Param:
    """Read a name, a value, and perhaps if_not_empty."""
    if len(args) == 3 and args[2] != "if_not_empty":
        raise values.unknown_option(args, 3)
    return Param(args[0], values.template_at(args, 1), len(args) == 3)


def split_path_info(args: Arguments) -> re.Pattern[bytes]:
    """Read a pattern with two captures."""
    found = values.pattern_at(args, 1, args[0])
    if found.groups < 2:
        raise Invalid(f'pattern "{args[0]}" must have 2 captures')
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What the three have in common with proxy_pass.
SHARED = _words(
    """
    bind buffer_size buffering buffers busy_buffers_size cache cache_background_update cache_bypass
    cache_guard cache_heuristics cache_key cache_lock cache_lock_age cache_lock_timeout
    cache_max_range_offset cache_methods cache_min_uses cache_path cache_purge cache_revalidate
    cache_rfc cache_status_header cache_tags cache_targeted cache_use_stale cache_valid
    connect_timeout force_ranges hide_header ignore_client_abort ignore_headers intercept_errors
    limit_rate max_temp_file_size next_upstream next_upstream_budget next_upstream_timeout
    next_upstream_tries no_cache pass_header pass_request_body pass_request_headers read_timeout
    request_buffering send_timeout socket_keepalive store store_access temp_file_write_size
    temp_path
    """
)
TLS = frozenset(row.name.removeprefix("proxy_") for row in proxy_tls.ROWS)
SUFFIXES: dict[str, frozenset[str]] = {
    "fastcgi": SHARED,
    "scgi": SHARED,
    "uwsgi": SHARED | TLS,
}


def view(scope: Scope, family: str) -> Twin:
    """Return a scope as the family's directives stand for those of proxy_pass."""
    return Twin(scope, family, SUFFIXES[family])


def _default_key(_scope: Scope) -> Template:
    # nginx has none, and keeps everything under one key.
    return parse_template("$scheme$request_method$host$request_uri")


def _shared(family: str) -> list[Row]:
    suffixes = SUFFIXES[family]
    found = copies((*proxy.ROWS, *proxy_store.ROWS, *cache.ROWS, *proxy_tls.ROWS), family, suffixes)
    return [
        dataclasses.replace(row, derive=_default_key) if row.name.endswith("_cache_key") else row
        for row in found
    ]


def _of_each(
    family: str, parse: Callable[[Arguments], GatewayPass], contexts: Collection[str]
) -> list[Row]:
    return [
        row(
            f"{family}_pass",
            contexts,
            parse,
            "address of the application that requests go to, or name of an upstream",
            inherit=Inherit.HERE,
            handler=True,
        ),
        row(
            f"{family}_param",
            HSL,
            param,
            "name value [if_not_empty]: something that the application is told",
            args=(2, 3),
            inherit=Inherit.REPLACED,
            repeat=True,
        ),
        *_shared(family),
    ]


_PLACES = (LOCATION, LOCATION_IF)

ROWS = [
    *_of_each("fastcgi", gateway_pass, _PLACES),
    row(
        "fastcgi_index",
        HSL,
        values.word,
        "name that stands in $fastcgi_script_name behind a path that ends with a slash",
        default="",
    ),
    row(
        "fastcgi_split_path_info",
        [LOCATION],
        split_path_info,
        "pattern whose two captures are $fastcgi_script_name and $fastcgi_path_info",
    ),
    row("fastcgi_keep_conn", HSL, values.flag, "keep connections to applications", default=False),
    row(
        "fastcgi_catch_stderr",
        HSL,
        values.word,
        "a text that makes an answer invalid where it stands in the standard error stream",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    accepted("fastcgi_send_lowat", HSL, values.size),
    *_of_each("scgi", gateway_pass, _PLACES),
    *_of_each("uwsgi", uwsgi_pass, _PLACES),
    row("uwsgi_modifier1", HSL, values.number(0, 255), "first modifier of requests", default=0),
    row("uwsgi_modifier2", HSL, values.number(0, 255), "second modifier of requests", default=0),
]
