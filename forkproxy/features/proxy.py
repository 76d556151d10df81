"""proxy_pass and the proxy_* directives: what becomes of them when a location is built."""

from __future__ import annotations

import functools

from forkproxy.config.address import Address as Given
from forkproxy.config.address import Family
from forkproxy.config.directives.proxy import ProxyPass, Redirect, SetHeader
from forkproxy.config.directives.proxy_preset import HEADERS
from forkproxy.config.directives.upstream import UpstreamServer
from forkproxy.config.scope import Scope
from forkproxy.config.template import parse_template
from forkproxy.core.expressions import Expression
from forkproxy.core.making import Making
from forkproxy.core.plan import Location
from forkproxy.features import upstream
from forkproxy.features.proxy_cookie import cookies
from forkproxy.features.proxy_redirect import Redirects
from forkproxy.features.proxy_tls import secure
from forkproxy.features.resolver import resolver
from forkproxy.net.dial import Address
from forkproxy.net.resolver import Resolver
from forkproxy.upstream.budget import Budget
from forkproxy.upstream.forward import Forward
from forkproxy.upstream.hints import Hints
from forkproxy.upstream.introduction import Introduction
from forkproxy.upstream.member import Member
from forkproxy.upstream.retry import CONDITIONS
from forkproxy.upstream.upstream import Upstream
from forkproxy.wire.names import NameSet

# Fields of a request that concern the client's connection, or that we write ourselves.
UNSENT = frozenset(
    b"host connection keep-alive te transfer-encoding expect upgrade content-length".split()
)
# Fields of an answer that concern the upstream's connection, or that are meant for us.
HIDDEN = frozenset(
    b"connection keep-alive transfer-encoding content-length date server x-pad "
    b"x-accel-redirect x-accel-expires x-accel-limit-rate x-accel-buffering x-accel-charset".split()
)
OURS = frozenset(b"connection keep-alive transfer-encoding content-length".split())

# What a client asks of its own copy, or of a part: the cache answers that itself.
CONDITIONS_AND_RANGES = frozenset(
    b"if-modified-since if-none-match if-unmodified-since if-match range if-range".split()
)
OWN_CONDITIONS = (
    ("If-Modified-Since", "$upstream_cache_last_modified"),
    ("If-None-Match", "$upstream_cache_etag"),
    ("Range", "$upstream_cache_range"),
    ("If-Range", "$upstream_cache_if_range"),
)

# A worker keeps so many upstreams that proxy_pass with variables has named.
MOST_DYNAMIC = 1024


def install(scope: Scope, location: Location, making: Making) -> None:
    """Give a location its `proxy` handler, where it or the location of its `if` passes on."""
    given = scope.given("proxy_pass") if scope.kind != "server" else None
    if given is None:
        return
    passed: ProxyPass = given.value
    made = Forward()
    made.family = "proxy"
    _destination(made, passed, scope, making)
    if passed.target is not None and passed.uri is not None:
        made.uri = passed.uri.encode("utf-8", "surrogateescape")
        made.replaced = len(location.path)
    request(made, scope, making)
    answer(made, scope, making, HIDDEN)
    made.redirects = _redirects(passed, scope, location, making)
    made.cookies = cookies(scope, making)
    location.content = made
    if scope.kind == "location" and location.path.endswith(b"/"):
        location.adds_slash = True


def introduction(scope: Scope) -> Introduction | None:
    """Return what proxy_protocol says of connections to peers."""
    said = scope.value("proxy_protocol")
    return None if said == "off" else Introduction(2 if said == "v2" else 1)


def _destination(made: Forward, passed: ProxyPass, scope: Scope, making: Making) -> None:
    made.scheme = passed.scheme.encode()
    if passed.scheme == "https" or _may_be_secure(passed):
        made.secure = secure(scope, making)
    made.encodes = scope.value("forkproxy_encode_captures")
    if passed.target is None:
        made.url = making.expression(passed.url)
        made.upstream_for = functools.partial(
            chosen,
            making.upstreams,
            {},
            resolver(scope, making),
            scope.value("resolver_timeout"),
        )
        return
    made.host = passed.proxy_host.encode()
    made.port = passed.proxy_port.encode()
    made.upstream = upstream_of(passed.target, making)


def _may_be_secure(passed: ProxyPass) -> bool:
    """Whether a URL with variables may come out as https."""
    start = passed.url[0]
    return not passed.scheme and not (isinstance(start, str) and start.startswith("http:"))


def upstream_of(target: Given, making: Making) -> Upstream:
    """Return the upstream that a URL names: a configured one, or one of the address itself."""
    upstreams: dict[str, Upstream] = making.upstreams
    if target.family is Family.NAME and not target.port_given and target.host in upstreams:
        return upstreams[target.host]
    name = target.text
    if name not in upstreams:
        made = upstreams[name] = Upstream(name)
        upstream.fill(made, [UpstreamServer(name, target)], making)
    return upstreams[name]


def chosen(
    upstreams: dict[str, Upstream],
    dynamic: dict[tuple[str, ...], Upstream],
    names: Resolver | None,
    limit: float,
    host: str,
    port: int,
    _exchange: object,
) -> Upstream:
    """Return the upstream of a URL that was put together at run time. Waits.

    Raises OSError or ResolveError where the name has no address.
    """
    # A URL without variables elsewhere has made an upstream of its address: that one, as in nginx.
    named = upstreams.get(host) or upstreams.get(f"{host}:{port}")
    if named is not None:
        return named
    try:
        addresses = [Address(host, port).text.decode()]
    except ValueError:
        if names is None:
            raise OSError("no resolver defined") from None
        found = names.addresses(host, limit).addresses
        addresses = [Address(address, port).text.decode() for address in found]
    # By its addresses: while they are the same, so are the connections to them.
    key = (host, *sorted(addresses))
    made = dynamic.get(key)
    if made is None:
        if len(dynamic) >= MOST_DYNAMIC:
            dynamic.pop(next(iter(dynamic))).close()
        made = dynamic[key] = _of(host, addresses)
    return made


def _of(name: str, addresses: list[str]) -> Upstream:
    """Return an upstream of addresses that were found at run time."""
    # As in nginx, what one request finds out of these peers is not held against them by the next.
    server = [UpstreamServer(text, Given(Family.NAME), max_fails=0) for text in addresses]
    return Upstream(name, [Member(i, server[i], text) for i, text in enumerate(addresses)])


def request(made: Forward, scope: Scope, making: Making) -> None:
    """Fill in what is sent to the upstream."""
    made.minor = 1 if scope.value("proxy_http_version") == "1.1" else 0
    made.pass_fields = scope.value("proxy_pass_request_headers")
    made.pass_body = scope.value("proxy_pass_request_body")
    made.request_buffering = scope.value("proxy_request_buffering")
    made.connect_timeout = scope.value("proxy_connect_timeout")
    made.send_timeout = scope.value("proxy_send_timeout")
    made.read_timeout = scope.value("proxy_read_timeout")
    bind = scope.value("proxy_bind")
    made.bind = making.expression(bind) if bind is not None else None
    made.introduction = introduction(scope)
    made.keep_probes = scope.value("proxy_socket_keepalive")
    made.ignore_client_abort = scope.value("proxy_ignore_client_abort")
    method = scope.value("proxy_method")
    made.method = making.expression(method) if method is not None else None
    body = scope.value("proxy_set_body")
    made.body = making.expression(body) if body is not None else None
    set_here: list[SetHeader] = [line.value for line in scope.lines("proxy_set_header")]
    names = {line.name.lower().encode() for line in set_here}
    if scope.value("proxy_preset") == "modern":
        set_here += [line for line in HEADERS if line.name.lower().encode() not in names]
        names.update(line.name.lower().encode() for line in HEADERS)
        made.streams_events = scope.given("proxy_buffering") is None
    lines = [
        (line.name.encode() + b": ", making.expression(line.value))
        for line in set_here
        # How long the body is has one source: a line that says otherwise would split messages.
        if line.name.lower() not in ("content-length", "transfer-encoding", "host")
    ]
    # Of several the last, as nginx: with two no server could tell for whom it is.
    hosts = [line.value for line in set_here if line.name.lower() == "host"]
    host = hosts[-1] if hosts else parse_template("$proxy_host")
    lines.insert(0, (b"Host: ", making.expression(host)))
    if b"connection" not in names and not _keeps(made):
        lines.append((b"Connection: ", Expression("close", (b"close",))))
    made.lines = tuple(lines)
    made.unsent = NameSet(UNSENT | names)
    # What is to be stored is asked for as a whole, and on our own conditions (nginx does the same).
    made.cache_lines = made.lines + tuple(
        (name.encode() + b": ", making.expression(parse_template(variable)))
        for name, variable in OWN_CONDITIONS
        if name.lower().encode() not in names
    )
    made.cache_unsent = NameSet(UNSENT | names | CONDITIONS_AND_RANGES)


def _keeps(made: Forward) -> bool:
    return bool(made.minor) and (made.upstream is None or made.upstream.pool.most > 0)


def answer(made: Forward, scope: Scope, making: Making, hides: frozenset[bytes]) -> None:
    """Fill in what is done with the upstream's answer; `hides`: fields that clients do not see."""
    made.buffering = scope.value("proxy_buffering")
    made.buffer_size = scope.value("proxy_buffer_size")
    buffers = scope.value("proxy_buffers")
    made.read_ahead = buffers.count * buffers.size
    made.temp_file_size = scope.value("proxy_max_temp_file_size")
    made.temp_path = making.temp_path(scope.value("proxy_temp_path"), "proxy_temp")
    rate = scope.value("proxy_limit_rate")
    made.limit_rate = making.expression(rate) if rate is not None else None
    made.pass_trailers = scope.value("proxy_pass_trailers")
    made.force_ranges = scope.value("proxy_force_ranges")
    made.intercept_errors = scope.value("proxy_intercept_errors")
    ignored = scope.value("proxy_ignore_headers")
    made.obeys_buffering = "X-Accel-Buffering" not in ignored
    made.obeys_redirect = "X-Accel-Redirect" not in ignored
    made.obeys_limit_rate = "X-Accel-Limit-Rate" not in ignored
    conditions = scope.value("proxy_next_upstream")
    made.next_upstream = sum(CONDITIONS[name] for name in conditions if name != "off")
    made.tries = scope.value("proxy_next_upstream_tries")
    made.next_timeout = scope.value("proxy_next_upstream_timeout")
    share = scope.value("proxy_next_upstream_budget")
    made.budget = Budget(share / 100) if share else None
    shown = {line.value.lower().encode() for line in scope.lines("proxy_pass_header")}
    hidden = {line.value.lower().encode() for line in scope.lines("proxy_hide_header")}
    hidden |= hides - shown
    made.pass_date = b"date" not in hidden
    made.pass_server = b"server" not in hidden
    made.hidden = NameSet(hidden | OURS | {b"date", b"server"})
    hints = [making.expression(one) for line in scope.lines("early_hints") for one in line.value]
    made.hints = Hints(tuple(hints), made.hidden) if hints else None


def _redirects(
    passed: ProxyPass, scope: Scope, location: Location, making: Making
) -> Redirects | None:
    given: list[Redirect | None] = [line.value for line in scope.lines("proxy_redirect")]
    if given == [None]:
        return None
    made = Redirects()
    for redirect in given or [Redirect(default=True)]:
        if redirect is None:
            continue
        if not redirect.default:
            made.add(
                making.expression(redirect.source),
                redirect.pattern,
                making.captures(redirect.pattern) if redirect.pattern else (),
                making.expression(redirect.replacement),
            )
        elif passed.target is not None:
            source, replacement = _default_redirect(passed, location)
            made.add(Expression("", (source,)), None, (), Expression("", (replacement,)))
    return made if made else None


def _default_redirect(passed: ProxyPass, location: Location) -> tuple[bytes, bytes]:
    """The URL of proxy_pass becomes the location's path; without a URI, its root becomes ours."""
    (url,) = (part.encode() for part in passed.url if isinstance(part, str))
    if passed.uri is not None:
        return url, location.path
    return url + b"/", b"/"
