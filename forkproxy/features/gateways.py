"""fastcgi_pass, scgi_pass and uwsgi_pass: what becomes of them when a location is built."""

from __future__ import annotations

import functools
from typing import cast

from forkproxy.config.directives.gateways import GatewayPass, Param, view
from forkproxy.config.scope import Directive, Scope
from forkproxy.config.template import parse_template
from forkproxy.core.making import Making
from forkproxy.core.plan import Location
from forkproxy.features import proxy
from forkproxy.features.proxy_tls import secure
from forkproxy.features.resolver import resolver
from forkproxy.upstream.fastcgi import FastCgi
from forkproxy.upstream.gateway import Gateway
from forkproxy.upstream.scgi import Scgi
from forkproxy.upstream.uwsgi import Uwsgi

# Fields of an answer that are meant for us.
HIDDEN = frozenset(
    b"status x-accel-redirect x-accel-expires x-accel-limit-rate x-accel-buffering "
    b"x-accel-charset".split()
)

# What the cache asks on its own conditions (nginx's ngx_http_fastcgi_cache_headers).
OWN_CONDITIONS = (
    (b"HTTP_IF_MODIFIED_SINCE", "$upstream_cache_last_modified"),
    (b"HTTP_IF_NONE_MATCH", "$upstream_cache_etag"),
    (b"HTTP_RANGE", "$upstream_cache_range"),
    (b"HTTP_IF_RANGE", "$upstream_cache_if_range"),
)
LEFT_OUT = frozenset(
    (b"HTTP_IF_UNMODIFIED_SINCE", b"HTTP_IF_MATCH", b"HTTP_RANGE", b"HTTP_IF_RANGE")
)


def install(scope: Scope, location: Location, making: Making) -> None:
    """Give a location its handler, where requests go to an application."""
    if scope.kind == "server":
        return
    for family, make in (("fastcgi", _fastcgi), ("scgi", _scgi), ("uwsgi", _uwsgi)):
        given = scope.given(f"{family}_pass")
        # An `if` may pass on otherwise than its location does.
        if given is not None and not scope.own("proxy_pass"):
            made = make(scope)
            made.family = family
            _fill(made, given, scope, making)
            location.content = made
            if scope.kind == "location" and location.path.endswith(b"/"):
                location.adds_slash = True


def _fastcgi(scope: Scope) -> Gateway:
    made = FastCgi()
    made.keep_conn = scope.value("fastcgi_keep_conn")
    caught = [line.value.encode() for line in scope.lines("fastcgi_catch_stderr")]
    made.caught = tuple(caught) or None
    return made


def _scgi(_scope: Scope) -> Gateway:
    made = Scgi()
    made.sized = True
    return made


def _uwsgi(scope: Scope) -> Gateway:
    made = Uwsgi()
    made.sized = True
    made.modifier1 = scope.value("uwsgi_modifier1")
    made.modifier2 = scope.value("uwsgi_modifier2")
    return made


def _fill(made: Gateway, given: Directive, scope: Scope, making: Making) -> None:
    twin = cast(Scope, view(scope, made.family))
    _destination(made, given, twin, making)
    proxy.request(made, twin, making)
    proxy.answer(made, twin, making, HIDDEN)
    lines: list[Param] = [line.value for line in scope.lines(f"{made.family}_param")]
    params = tuple(
        (line.name.encode(), making.expression(line.value), line.if_not_empty)
        for line in lines
        if line.value or not line.name.startswith("HTTP_")  # as nginx: such a field is not told
    )
    made.params = params
    made.named = frozenset(line.name.encode() for line in lines)
    made.cache_params = params + tuple(
        (name, making.expression(parse_template(variable)), True)
        for name, variable in OWN_CONDITIONS
        if name not in made.named
    )
    made.cache_named = frozenset(name for name, _, _ in made.cache_params) | LEFT_OUT


def _destination(made: Gateway, given: Directive, twin: Scope, making: Making) -> None:
    passed: GatewayPass = given.value
    made.scheme = b"suwsgi" if passed.secure else made.family.encode()
    if passed.secure or (passed.target is None and made.family == "uwsgi"):
        made.secure = secure(twin, making)
    if passed.target is None:
        made.scheme = b""
        made.url = making.expression(passed.address)
        made.upstream_for = functools.partial(
            proxy.chosen,
            making.upstreams,
            {},
            resolver(twin, making),
            twin.value("resolver_timeout"),
        )
        return
    target = passed.target
    made.host = target.text.encode()
    made.port = str(target.port or "").encode()
    made.upstream = proxy.upstream_of(target, making)
