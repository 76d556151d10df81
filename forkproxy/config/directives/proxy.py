"""proxy_pass and what belongs to it.

proxy_pass http://name;          the request's own URI goes on as it came
proxy_pass http://name/base/;    what the location matched is replaced by /base/
proxy_pass http://$host$uri;     all of it is computed for each request
proxy_pass http://unix:/run/app.sock:/base/;
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy.config import values
from forkproxy.config.address import Address, AddressError, Family, parse_address
from forkproxy.config.row import (
    HSL,
    LIMIT_EXCEPT,
    LOCATION,
    LOCATION_IF,
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
    from forkproxy.config.scope import Scope

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class ProxyPass:
    """Where requests go.

    With variables in the URL, `url` is all there is and `target` is None. Without,
    `target` has the address, which may be the name of an upstream, and the URI part
    if one was given; `proxy_host` is what $proxy_host shows.
    """

    url: Template
    scheme: str = "http"
    target: Address | None = None
    proxy_host: str = ""
    proxy_port: str = ""

    @property
    def uri(self) -> str | None:
        """The URI part, None where the URL has none or has variables."""
        return self.target.uri if self.target else None


@dataclass(frozen=True, slots=True)
class SetHeader:
    """A field of the request to the upstream; it is left out where the value comes out empty."""

    name: str
    value: Template


@dataclass(frozen=True, slots=True)
class Redirect:
    """How Location and Refresh of an upstream's response are rewritten.

    `default` means: the URL of proxy_pass becomes the path of the location. With a
    `pattern`, `source` is unused.
    """

    default: bool = False
    source: Template = ()
    pattern: re.Pattern[bytes] | None = None
    replacement: Template = ()


_OUTSIDE_PREFIX = (
    '"proxy_pass" cannot have URI part in location given by regular expression, '
    'or inside named location, or inside "if" statement, or inside "limit_except" block'
)


def proxy_pass(args: Arguments) -> ProxyPass:
    """Read a URL."""
    url = args[0]
    template = values.template_at(args, 0)
    if variables(template):
        return ProxyPass(template, "")
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in DEFAULT_PORTS:
        hint = f"write http://{url}" if ":" in url or "." in url or url.isidentifier() else ""
        raise Invalid("invalid URL prefix", hint=hint)
    rest = url[len(scheme) + 3 :]
    port = DEFAULT_PORTS[scheme]
    try:
        target = parse_address(rest, default_port=port, uri=True)
    except AddressError as error:
        raise Invalid(f'{error.reason} in upstream "{rest}"') from None
    if target.uri is not None and not _in_prefix_location(args.level):
        raise Invalid(_OUTSIDE_PREFIX, hint=_uri_hint(args.level, url, target.uri))
    return ProxyPass(template, scheme, target, *_shown(target, port))


def _in_prefix_location(level: Scope) -> bool:
    return level.kind == "location" and level.subject.kind.value in ("", "=", "^~")


def _uri_hint(level: Scope, url: str, uri: str) -> str:
    bare = url[: len(url) - len(uri)]
    path = level.subject.path if level.kind == "location" else ""
    if _PLAIN_START.fullmatch(path):
        return f"write `rewrite {path}(.*)$ {uri}$1 break;` before it and `proxy_pass {bare};`"
    return f"write `proxy_pass {bare};`, and a rewrite … break; before it to change the path"


_PLAIN_START = re.compile(r"\^[\w/.-]+")  # a regex that is only a prefix


def _shown(target: Address, default_port: int) -> tuple[str, str]:
    """Return $proxy_host and $proxy_port, as nginx's proxy_set_vars makes them."""
    if target.family is Family.UNIX:
        return "localhost", ""
    host = f"[{target.host}]" if target.family is Family.INET6 else target.host
    if not target.port_given or target.port == default_port:
        return host, str(default_port)
    return f"{host}:{target.port}", str(target.port)


def proxy_set_header(args: Arguments) -> SetHeader:
    """Read a name and a value."""
    return SetHeader(args[0], values.template_at(args, 1))


def proxy_redirect(args: Arguments) -> Redirect | None:
    """Read default, off, or what becomes what; None for off."""
    earlier = args.level.own(args.name)
    if earlier and (args.words == ("off",) or any(line.value is None for line in earlier)):
        raise Invalid(f'"{args.name}" directive is duplicate', 0, hint="off stands alone")
    if len(args) == 1:
        if args[0] == "off":
            return None
        if args[0] != "default":
            raise values.unknown_option(args, 1)
        _check_default_redirect(args)
        return Redirect(default=True)
    source = args[0]
    replacement = values.template_at(args, 1)
    if not source.startswith("~"):
        return Redirect(False, values.template_at(args, 0), None, replacement)
    ignore_case = source.startswith("~*")
    pattern = values.pattern_at(args, 1, source[1 + ignore_case :], ignore_case=ignore_case)
    return Redirect(False, (), pattern, replacement)


def _check_default_redirect(args: Arguments) -> None:
    passed = args.level.own("proxy_pass")
    if not passed:
        raise Invalid('"proxy_redirect default" should be placed after the "proxy_pass" directive')
    if passed and passed[0].value.target is None:
        raise Invalid(
            '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables'
        )


def share(args: Arguments) -> int:
    """Read a percentage, or off."""
    if args[0] == "off":
        return 0
    number = args[0].removesuffix("%")
    if number == args[0] or not number.isdecimal() or not 0 < int(number) <= 100:
        raise args.refuse("invalid value", hint="a share is written 20%")
    return int(number)


def proxy_method(args: Arguments) -> Template:
    """Read a method, upper or lower case as it stands."""
    return values.template_at(args, 0)


def limit_rate(args: Arguments) -> Template:
    """Read a size, or what comes to one for each request."""
    found = values.template_at(args, 0)
    if not variables(found):
        values.size(args)
    return found


def proxy_bind(args: Arguments) -> Template | None:
    """Read an address; None for off."""
    if len(args) == 2:
        if args[1] != "transparent":
            raise values.unknown_option(args, 2)
        raise Invalid(
            'the "transparent" parameter of "proxy_bind" is not supported by this version of '
            "forkproxy",
            2,
            hint="workers have no right to use addresses that are not theirs; "
            "use proxy_set_header X-Real-IP $remote_addr",
        )
    if args[0] == "off":
        return None
    found = values.template_at(args, 0)
    if not variables(found):
        try:
            address = parse_address(args[0], default_port=0)
        except AddressError as error:
            raise Invalid(f'invalid address "{args[0]}"') from error
        if address.family not in (Family.INET, Family.INET6):
            raise Invalid(f'invalid address "{args[0]}"')
    return found


def _busy_buffers_size(scope: Scope) -> int:
    first: int = scope.value("proxy_buffer_size")
    buffers: values.Buffers = scope.value("proxy_buffers")
    return 2 * max(first, buffers.size)


NEXT_UPSTREAM = (
    "error",
    "timeout",
    "invalid_header",
    "non_idempotent",
    "http_500",
    "http_502",
    "http_503",
    "http_504",
    "http_403",
    "http_404",
    "http_429",
    "off",
)
IGNORED_HEADERS = (
    "X-Accel-Redirect",
    "X-Accel-Expires",
    "X-Accel-Limit-Rate",
    "X-Accel-Buffering",
    "X-Accel-Charset",
    "Expires",
    "Cache-Control",
    "Set-Cookie",
    "Vary",
)


def _setting(name: str, parse: Parse, manual: str, **rest: object) -> Row:
    return row(name, HSL, parse, manual, **rest)


ROWS = [
    row(
        "proxy_pass",
        [LOCATION, LOCATION_IF, LIMIT_EXCEPT],
        proxy_pass,
        "URL of the upstream that requests go to",
        inherit=Inherit.HERE,
        handler=True,
    ),
    _setting(
        "proxy_set_header",
        proxy_set_header,
        "name value: a header field of requests to the upstream",
        args=2,
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting(
        "proxy_http_version",
        values.choice("1.0", "1.1"),
        "version of HTTP towards the upstream",
        default="1.1",
    ),
    _setting("proxy_connect_timeout", values.duration, "time to connect to a peer", default=60.0),
    _setting(
        "proxy_read_timeout", values.duration, "time between two pieces of a response", default=60.0
    ),
    _setting(
        "proxy_send_timeout", values.duration, "time between two pieces of a request", default=60.0
    ),
    _setting("proxy_buffering", values.flag, "read responses ahead of the client", default=True),
    _setting(
        "proxy_request_buffering",
        values.flag,
        "read the request's body before the upstream is asked",
        default=True,
    ),
    _setting("proxy_buffer_size", values.size, "buffer for a response's head", default=4096),
    _setting(
        "proxy_buffers",
        values.buffers,
        "number and size of buffers for one response",
        args=2,
        default=values.Buffers(8, 4096),
    ),
    _setting(
        "proxy_busy_buffers_size",
        values.size,
        "octets that may be on their way to the client while the response is read",
        derive=_busy_buffers_size,
    ),
    _setting(
        "proxy_max_temp_file_size",
        values.offset,
        "largest temporary file for a response; 0 for none",
        default=1 << 30,
    ),
    _setting(
        "proxy_temp_file_write_size",
        values.size,
        "octets written to it at once",
        derive=_busy_buffers_size,
    ),
    _setting(
        "proxy_temp_path", values.temp_path, "folder for temporary files", args=(1, 4), default=()
    ),
    _setting("proxy_pass_request_body", values.flag, "send the request's body on", default=True),
    _setting(
        "proxy_pass_request_headers", values.flag, "send the request's fields on", default=True
    ),
    _setting(
        "proxy_hide_header",
        values.word,
        "field of responses that clients do not see",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting(
        "proxy_pass_header",
        values.word,
        "field of responses that clients see, though it is hidden by default",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting(
        "proxy_ignore_headers",
        values.choices(*IGNORED_HEADERS),
        "fields of responses that change nothing here",
        args=(1, None),
        default=frozenset(),
        repeat=True,
    ),
    _setting(
        "proxy_redirect",
        proxy_redirect,
        "default, off, or what becomes what in Location and Refresh",
        args=(1, 2),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    _setting("proxy_method", proxy_method, "method of requests to the upstream"),
    _setting("proxy_set_body", values.template, "body of requests to the upstream"),
    _setting(
        "proxy_next_upstream",
        values.choices(*NEXT_UPSTREAM),
        "when the next peer is tried",
        args=(1, None),
        default=frozenset({"error", "timeout"}),
        repeat=True,
    ),
    _setting(
        "proxy_next_upstream_tries", values.number(), "most attempts; 0 for no limit", default=0
    ),
    _setting(
        "proxy_next_upstream_timeout",
        values.duration,
        "time in which a next attempt may begin; 0 for no limit",
        default=0.0,
    ),
    _setting(
        "proxy_next_upstream_budget",
        share,
        "retries at most, as a share of all requests; off for no limit",
        default=0,
    ),
    _setting(
        "proxy_ignore_client_abort",
        values.flag,
        "finish with the upstream when the client has left",
        default=False,
    ),
    _setting(
        "proxy_intercept_errors",
        values.flag,
        "error_page serves for errors of the upstream too",
        default=False,
    ),
    _setting(
        "proxy_pass_trailers",
        values.flag,
        "send the trailers of responses on to clients that can take them",
        default=False,
    ),
    _setting(
        "proxy_force_ranges",
        values.flag,
        "cut ranges out of responses whatever their Accept-Ranges says",
        default=False,
    ),
    _setting(
        "proxy_protocol",
        values.choice("off", "on", "v1", "v2"),
        "begin connections to peers with a PROXY header",
        default="off",
    ),
    _setting("proxy_socket_keepalive", values.flag, "TCP keep-alive towards peers", default=False),
    _setting(
        "proxy_limit_rate",
        limit_rate,
        "octets a second read from a response; 0 for no limit",
    ),
    _setting(
        "proxy_bind",
        proxy_bind,
        "address [with port] that connections to peers come from, or off",
        args=(1, 2),
    ),
    _setting(
        "forkproxy_encode_captures",
        values.flag,
        "encode again what regular expressions captured decoded, in the URL of proxy_pass",
        default=True,
    ),
    accepted("proxy_send_lowat", HSL, values.size),
    accepted("proxy_headers_hash_max_size", HSL, values.number()),
    accepted("proxy_headers_hash_bucket_size", HSL, values.number()),
]
