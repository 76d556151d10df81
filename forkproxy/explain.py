"""What would happen to a request: which server, location, rewrites, upstream and fields, and why.

The request is taken through the plan that would serve it, watched (core/trace): nothing here
decides where it goes. What a line of the configuration is to blame for comes from the same scopes
that the plan was built of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, urlsplit

from forkproxy.build import Blueprint, draw
from forkproxy.config.address import Family
from forkproxy.config.directives.proxy_preset import HEADERS, MAPS
from forkproxy.config.lexer import quote
from forkproxy.config.load import Config
from forkproxy.config.scope import Directive, Scope
from forkproxy.config.settings import ListenAddress, listens, server_addresses
from forkproxy.core.exchange import Exchange, Response
from forkproxy.core.expressions import Slot
from forkproxy.core.plan import Handler, Location, Server, Step
from forkproxy.core.trace import Asker, ask, server_for, watch, watch_server
from forkproxy.errors import ConfigError, ProtocolError
from forkproxy.wire.head import RequestHead, parse_request_head
from forkproxy.wire.head_limits import HeadLimits

# Directives that let a request pass, hold it up or turn it away. Those of a version that does
# not have one are not in its table, and are passed over.
LIMITS = """
    allow deny satisfy auth_basic auth_basic_user_file auth_request auth_jwt auth_oidc auth_require
    limit_except internal valid_referers secure_link limit_req limit_req_status limit_conn
    limit_conn_status limit_rate limit_rate_after client_max_body_size waf_mode challenge api_key
    quota set_real_ip_from real_ip_header
""".split()  # noqa: SIM905
# Directives that change what a client gets.
RESPONSE = """
    add_header add_trailer expires etag server_tokens gzip brotli zstd gunzip gzip_static charset
    sub_filter proxy_hide_header proxy_pass_header proxy_ignore_headers proxy_redirect
    proxy_cookie_domain proxy_cookie_path proxy_cookie_flags error_page error_log access_log
""".split()  # noqa: SIM905
_PRESETS = frozenset(made.variable for made in MAPS)
_STEPS = {
    "TryFiles": "try_files",
    "Script": "rewrite",
}
Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A request that nobody sent.

    `listener` is the address it comes to, as `listen` has it; "" finds it by the URL.
    """

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    address: str = "127.0.0.1"
    listener: str = ""


@dataclass(slots=True)
class Hearing:
    """What the plan tells while the request goes through it; also its error log."""

    steps: list[Found] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    upstream: Found | None = None
    variables: dict[int, str] = field(default_factory=dict)
    scopes: dict[Location, Scope] = field(default_factory=dict)
    before: list[tuple[Any, ...]] = field(default_factory=list)
    location: Location | None = None  # where the request was last

    def wants(self, _level: int) -> bool:
        return True

    def write(self, _level: int, text: str, _connection: int = 0) -> None:
        self.log.append(text)

    def bug(self, what: str, error: BaseException) -> None:
        self.log.append(f"{what}: {error!r}")

    def instruction(
        self, statement: Directive | Scope, exchange: Exchange, after: bool, answer: Response | None
    ) -> None:
        """Hear of one directive of the rewrite module, before and after it has run."""
        if not after:
            self._look_around(exchange)
            self.before.append((len(self.steps), exchange.location, *_state(exchange)))
            return
        position, location, uri, args, values = self.before.pop()
        step = _line(statement)
        if isinstance(statement, Scope):
            holds = exchange.location is not location or len(self.steps) > position
            step["holds"] = holds
        if exchange.uri != uri or exchange.args != args:
            step["uri"] = _shown_uri(exchange)
        changed = self._changed(values, exchange)
        if changed and not isinstance(statement, Scope):
            step["variables"] = changed
        if answer is not None and not isinstance(statement, Scope):
            step["answer"] = answer.status
        self.steps.insert(position, step)

    def _look_around(self, exchange: Exchange) -> None:
        """Note that the request has come to another location."""
        found = exchange.location
        if found is self.location or found is None:
            return
        self.location = found
        scope = self.scopes[found]
        if scope.kind == "location":
            self.steps.append({"enters": _line(scope)})

    def _changed(self, values: list[bytes | None], exchange: Exchange) -> dict[str, str]:
        now = exchange.values or []
        before = [*values, *[None] * (len(now) - len(values))]
        return {
            f"${self.variables[index]}": _text(value)
            for index, (old, value) in enumerate(zip(before, now, strict=True))
            if value is not None and value != old and index in self.variables
        }

    def step(
        self,
        phase: str,
        inner: Step | Handler,
        exchange: Exchange,
        asked: bool,
        answer: Response | None,
    ) -> None:
        """Hear of one step of a phase, after it has run or was passed over."""
        name = type(inner).__name__
        self._look_around(exchange)
        if phase == "content":
            assert isinstance(inner, Handler)
            self.upstream = inner.preview(exchange)
        elif name == "Script":
            return  # its instructions speak for it
        step: Found = {"phase": phase, "step": _STEPS.get(name, name)}
        if not asked:
            step["asked"] = False
        elif answer is not None:
            step["answer"] = answer.status
        self.steps.append(step)


def _state(exchange: Exchange) -> tuple[bytes, bytes | None, list[bytes | None]]:
    return exchange.uri, exchange.args, list(exchange.values or ())


def explain(config: Config, question: Question) -> Found:
    """Return all that is known of what would happen, as data for JSON.

    Raises ConfigError where the question makes no sense for this configuration.
    """
    if config.http is None:
        raise ConfigError("the configuration has no servers")
    url = _url(question.url)
    listener = _listener(config, url, question)
    hearing = Hearing()
    plan = draw(config, hearing.instruction, hearing)
    for location in plan.scopes:
        watch(location, hearing.step)
    for _, server in plan.servers:
        watch_server(server, hearing.step)
    hearing.scopes = plan.scopes
    hearing.variables = {
        slot.index: name for name, slot in plan.slots.items() if isinstance(slot, Slot)
    }
    names = plan.names[listener.text]
    asker = _asker(question, url, listener)
    found: Found = {"request": _request(question, url), "listener": _listener_found(listener)}
    try:
        head = _head(question, url, names.default)
        exchange = ask(head, asker, names)
    except ProtocolError as error:
        return found | {"answer": {"status": error.status, "reason": error.reason}}
    found |= {
        "server": _server(plan, exchange, head, asker, listener),
        "steps": hearing.steps,
        "location": _location(plan, exchange),
        "variables": _variables(plan, exchange),
    }
    scope = _scope(plan, exchange)
    if hearing.upstream is not None:
        found["upstream"] = _upstream(scope, exchange, hearing.upstream)
        found["request_fields"] = _request_fields(scope, hearing.upstream["head"])
        found["cache"] = _cache(plan, scope, exchange)
    found["limits"] = list(_lines(scope, LIMITS))
    found["response"] = _response(scope, exchange)
    found["log"] = hearing.log
    return {name: value for name, value in found.items() if value not in (None, [], {})}


# What is asked.


def _url(text: str) -> SplitResult:
    try:
        url = urlsplit(text if "://" in text else f"http://localhost{text}")
        port = url.port
    except ValueError as error:
        raise ConfigError(f'"{text}" is no URL ({error})') from None
    if url.scheme not in ("http", "https") or not url.hostname or port == 0:
        raise ConfigError(f'"{text}" is no URL: write http://host[:port]/path, or only the path')
    return url


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _listener(config: Config, url: SplitResult, question: Question) -> ListenAddress:
    """Return the listener that a connection for the URL would reach."""
    every = listens(config)
    shown = ", ".join(address.text for address in every)
    if question.listener:
        for address in every:
            if question.listener in (address.text, str(address.port or address.path)):
                return address
        raise ConfigError(f"nothing listens on {question.listener}; there is: {shown}")
    here = [address for address in every if address.port == _port(url)]
    if not here and "://" not in question.url:
        here = [every[0]]  # only a path was given: the first listener will do
    if not here:
        hint = f"there is {shown}: name one by --listen" if every else "there is no listener"
        raise ConfigError(f"nothing listens on port {_port(url)}; {hint}")
    exact = [address for address in here if address.host == url.hostname]
    wild = [address for address in here if address.host in ("", "::")]
    return (exact or wild or here)[0]


def _asker(question: Question, url: SplitResult, listener: ListenAddress) -> Asker:
    own = listener.host or ("127.0.0.1" if listener.family is not Family.UNIX else "unix:")
    return Asker(
        question.address.encode(), 50000, own.encode(), listener.port, url.scheme == "https"
    )


def _target(url: SplitResult) -> str:
    return (url.path or "/") + (f"?{url.query}" if url.query else "")


def _head(question: Question, url: SplitResult, server: Server) -> RequestHead:
    """Return the head that a client would have sent. Raises ProtocolError."""
    lines = [f"{question.method} {_target(url)} HTTP/1.1"]
    if not any(name.lower() == "host" for name, _ in question.fields):
        lines.append(f"Host: {url.netloc.rpartition('@')[2]}")
    lines += [f"{name}: {value}" for name, value in question.fields]
    limits: HeadLimits = server.limits
    block = "".join(f"{line}\r\n" for line in lines) + "\r\n"
    return parse_request_head(block.encode("utf-8", "surrogateescape"), limits)


def _request(question: Question, url: SplitResult) -> Found:
    return {
        "method": question.method,
        "target": _target(url),
        "host": url.netloc,
        "from": question.address,
    }


# What came of it.


def _line(statement: Directive | Scope) -> Found:
    """Return a line of the configuration, as text and place."""
    if isinstance(statement, Scope):
        name, words = statement.kind, statement.words
    else:
        name, words = statement.name, statement.words
    shown = words if name == "if" else tuple(quote(word) for word in words)
    at = statement.at
    return {"text": " ".join((name, *shown)), "file": at.path, "line": at.line}


def _listener_found(listener: ListenAddress) -> Found:
    return {"address": listener.text}


def _scope(plan: Blueprint, exchange: Exchange) -> Scope:
    location: Location = exchange.location or exchange.server.default
    return plan.scopes[location]


def _server(
    plan: Blueprint, exchange: Exchange, head: RequestHead, asker: Asker, listener: ListenAddress
) -> Found:
    """Say which server it is, why, and why not the others of the address."""
    here = [
        (block, server)
        for block, server in plan.servers
        if any(address.text == listener.text for address in server_addresses(block))
    ]
    chosen = next(block for block, server in here if server is exchange.server)
    names = [name.text for line in chosen.own("server_name") for name in line.value]
    fits = _fits(plan, chosen, exchange.server, here, head, asker)
    why = "a name of it fits" if fits else "no name fits, and it is the default of the address"
    if len(here) == 1:
        why = "it is the only one on the address"
    others = [
        _line(block)
        | {
            "names": [name.text for line in block.own("server_name") for name in line.value],
            "why_not": "it fits too, but comes later or is less exact"
            if _fits(plan, block, server, here, head, asker)
            else "no name of it fits",
        }
        for block, server in here
        if server is not exchange.server
    ]
    return _line(chosen) | {"names": names, "why": why, "others": others}


def _fits(
    plan: Blueprint,
    block: Scope,
    server: Server,
    here: list[tuple[Scope, Server]],
    head: RequestHead,
    asker: Asker,
) -> bool:
    """Tell whether a server would be found by a name of its own, were it alone."""
    other = next((one for _, one in here if one is not server), None)
    return other is not None and server_for(head, asker, plan.only(block, server, other)) is server


def _location(plan: Blueprint, exchange: Exchange) -> Found:
    scope = _scope(plan, exchange)
    found = _line(scope)
    if scope.kind == "if":
        around = scope.enclosing("location")
        if around is not None:
            found["inside"] = _line(around)
    if scope.kind == "server":
        found["why"] = "no location fits: the server's own level answers"
    if exchange.internal:
        found["internal"] = True
    return found | {"uri": _shown_uri(exchange)}


def _shown_uri(exchange: Exchange) -> str:
    query = b"" if exchange.args is None else b"?" + exchange.args
    return _text(exchange.uri + query)


def _variables(plan: Blueprint, exchange: Exchange) -> dict[str, str]:
    """Return the configuration's own variables that came to have a value."""
    values = exchange.values or []
    return {
        f"${name}": _text(value)
        for name, slot in sorted(plan.slots.items())
        if isinstance(slot, Slot) and slot.index < len(values) and name not in _PRESETS
        for value in [values[slot.index]]
        if value is not None
    }


def _given(scope: Scope, name: str) -> tuple[Directive, ...]:
    """Return the lines of a directive that hold, none where there is no such directive."""
    try:
        return scope.lines(name)
    except KeyError:
        return ()


def _lines(scope: Scope, names: list[str]) -> Iterator[Found]:
    for name in names:
        for line in _given(scope, name):
            yield _line(line)


def _upstream(scope: Scope, exchange: Exchange, preview: Found) -> Found:
    upstream = preview["upstream"]
    found: Found = {"name": upstream.name} if upstream is not None else {}
    for name in ("proxy_pass", "fastcgi_pass", "scgi_pass", "uwsgi_pass"):
        for line in _given(scope, name):
            found["by"] = _line(line)
    peers = upstream.peers if upstream is not None else ()
    found["peers"] = [_text(peer.address.text) for peer in peers]
    found["target"] = _text(exchange.proxy_target or b"")
    http = scope.enclosing("http")
    for block in http.blocks("upstream") if http is not None else ():
        if upstream is not None and block.words[0] == upstream.name:
            found["upstream"] = _line(block)
    return found


def _request_fields(scope: Scope, head: bytes) -> list[Found]:
    """Return the fields that a peer would get, each with the line that says so."""
    by: dict[str, Directive] = {}
    for preset in _given(scope, "proxy_preset"):
        by |= {header.name.lower(): preset for header in HEADERS if preset.value == "modern"}
    by |= {line.words[0].lower(): line for line in _given(scope, "proxy_set_header")}
    found = []
    for line in head.split(b"\r\n")[1:-2]:
        name, _, value = line.partition(b":")
        entry: Found = {"name": _text(name), "value": _text(value.strip())}
        given = by.get(entry["name"].lower())
        found.append(entry | ({"by": _line(given)} if given is not None else {}))
    return found


def _cache(plan: Blueprint, scope: Scope, exchange: Exchange) -> Found | None:
    """Return the zone and the key, where the answer may come from the cache."""
    given = _given(scope, "proxy_cache")
    if not given or given[-1].words == ("off",):
        return None
    found = _line(given[-1])
    return found | {"key": _text(plan.expression(scope.value("proxy_cache_key"))(exchange))}


def _response(scope: Scope, exchange: Exchange) -> Found:
    """Return the answer as far as it is known here: of an upstream's only what we add."""
    response = exchange.response
    assert response is not None
    by = {line.words[0].lower(): line for line in _given(scope, "add_header")}
    fields = []
    for name, value in response.fields.items():
        entry: Found = {"name": _text(name), "value": _text(value)}
        line = by.get(entry["name"].lower())
        fields.append(entry | ({"by": _line(line)} if line is not None else {}))
    found: Found = {"fields": fields, "lines": list(_lines(scope, RESPONSE))}
    if response.from_upstream:
        return found | {"status": "the upstream's"}
    if response.close_unanswered:
        return found | {"status": "none: the connection is closed"}
    return found | {"status": response.status}


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "backslashreplace")
