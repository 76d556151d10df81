"""The client's connection: what it may send, how long it may take, when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.address import AddressError, parse_address
from forkproxy.config.row import (
    HSL,
    HTTP,
    LOCATION_IF,
    SERVER,
    UPSTREAM,
    Arguments,
    Invalid,
    accepted,
    row,
)

HS = (HTTP, SERVER)


@dataclass(frozen=True, slots=True)
class KeepaliveTimeout:
    """How long an idle connection stays, and what its Keep-Alive header says of it."""

    timeout: float  # seconds; 0: connections are not kept
    header: float | None = None  # seconds; None: no header


@dataclass(frozen=True, slots=True)
class Resolver:
    """Name servers to ask at run time."""

    addresses: tuple[str, ...]
    valid: float | None = None  # seconds; None: as the answer says
    ipv4: bool = True
    ipv6: bool = True
    zone: str = ""  # what its statistics are called


def keepalive_timeout(args: Arguments) -> KeepaliveTimeout:
    """Read one or two times."""
    timeout = values.duration(args)
    if len(args) == 1:
        return KeepaliveTimeout(timeout)
    second = Arguments(args.name, args.words[1:], args.quoted[1:], args.level)
    return KeepaliveTimeout(timeout, values.seconds(second))


def resolver(args: Arguments) -> Resolver:
    """Read addresses of name servers and options."""
    addresses: list[str] = []
    valid: float | None = None
    zone = ""
    families = {"ipv4": True, "ipv6": True}
    for index, text in enumerate(args.words, 1):
        name, equals, value = text.partition("=")
        if not equals:
            addresses.append(_name_server(text, index))
        elif name == "valid":
            timed = Arguments("resolver", (value,), (False,), args.level)
            try:
                valid = values.seconds(timed)
            except Invalid:
                raise _wrong(text, index) from None
        elif name in families and value in ("on", "off"):
            families[name] = value == "on"
        elif name == "status_zone":
            zone = value
        else:
            raise _wrong(text, index)
    if not addresses:
        raise Invalid("no name servers defined", 0)
    if not any(families.values()):
        raise Invalid('"ipv4" and "ipv6" cannot both be "off"', 0)
    return Resolver(tuple(addresses), valid, families["ipv4"], families["ipv6"], zone)


def aio(args: Arguments) -> str:
    """Read on, off, or threads with a pool; nginx's own way of reading files."""
    if args[0] not in ("on", "off", "threads") and not args[0].startswith("threads="):
        raise args.refuse("invalid value")
    return args[0]


def directio(args: Arguments) -> int | None:
    """Read off, or from which size on files are read past the system's cache."""
    return None if args[0] == "off" else values.offset(args)


@dataclass(frozen=True, slots=True)
class OpenFileCache:
    """How many files stay open, and how long when nobody asks for them."""

    most: int
    inactive: float = 60.0  # seconds


def open_file_cache(args: Arguments) -> OpenFileCache | None:
    """Read off, or how many files stay open, and how long."""
    if args.words == ("off",):
        return None
    found: dict[str, float] = {}
    for index, name, value in values.options(args, 0):
        timed = Arguments(args.name, (value,), (False,), args.level)
        try:
            found[name] = {"max": values.number(1), "inactive": values.seconds}[name](timed)
        except (Invalid, KeyError):
            raise Invalid(f'invalid "{args.name}" parameter "{args[index - 1]}"', index) from None
    if "max" not in found:
        raise Invalid(f'"{args.name}" must have the "max" parameter', 0)
    return OpenFileCache(int(found["max"]), found.get("inactive", 60.0))


def _name_server(text: str, index: int) -> str:
    try:
        if "/" not in text:
            parse_address(text, default_port=53)
            return text
    except AddressError as error:
        raise Invalid(f'{error.reason} in resolver "{text}"', index) from None
    raise Invalid(f'invalid host in resolver "{text}"', index)


def _wrong(text: str, index: int) -> Invalid:
    return Invalid(f"invalid parameter: {text}", index)


ROWS = [
    row("client_header_timeout", HS, values.duration, "time for a request's head", default=60.0),
    row(
        "client_body_timeout",
        HSL,
        values.duration,
        "time between two pieces of a body",
        default=60.0,
    ),
    row(
        "client_max_body_size",
        HSL,
        values.offset,
        "largest request body, 413 beyond; 0 for no limit",
        default=1 << 20,
    ),
    row(
        "client_body_buffer_size",
        HSL,
        values.size,
        "octets of a request body kept in memory",
        default=16384,
    ),
    row(
        "client_body_in_file_only",
        HSL,
        values.choice("off", "clean", "on"),
        "always keep a request's body in a file, which goes with the request (clean) or stays (on)",
        default="off",
    ),
    row(
        "client_body_temp_path",
        HSL,
        values.temp_path,
        "folder for larger bodies",
        args=(1, 4),
        default=(),
    ),
    row(
        "client_header_buffer_size",
        HS,
        values.size,
        "first buffer of a request's head",
        default=1024,
    ),
    row(
        "large_client_header_buffers",
        HS,
        values.buffers,
        "number and size of further buffers of a head: no line is longer than one",
        args=2,
        default=values.Buffers(4, 8192),
    ),
    row(
        "request_framing",
        HS,
        values.choice("monitor", "defensive", "strictest"),
        "monitor | defensive | strictest: what becomes of requests that could be read in two ways",
        default="defensive",
    ),
    row(
        "client_body_min_rate",
        HSL,
        values.size,
        "octets a second that a body must come with, after its first five seconds; 0: none",
        default=0,
    ),
    row(
        "send_min_rate",
        HSL,
        values.size,
        "octets a second of an answer that a client must take, after five seconds; 0: any",
        default=0,
    ),
    row(
        "connections_per_address",
        [HTTP],
        values.number(0, 65535),
        "connections that one address may have open, counted over all workers; 0: any number",
        default=0,
    ),
    row("max_headers", HS, values.number(1), "most header fields of a request", default=1000),
    row(
        "keepalive_timeout",
        HSL,
        keepalive_timeout,
        "how long an idle connection of a client stays open",
        args=(1, 2),
        default=KeepaliveTimeout(75.0),
    ),
    row("keepalive_requests", HSL, values.number(), "requests of one connection", default=1000),
    row("keepalive_time", HSL, values.duration, "longest life of a connection", default=3600.0),
    row(
        "keepalive_disable",
        HSL,
        values.choices("none", "msie6", "safari"),
        "clients whose connections are not kept",
        args=(1, None),
        default=frozenset({"msie6"}),
        repeat=True,
    ),
    row(
        "send_timeout",
        HSL,
        values.duration,
        "time between two pieces that a client takes",
        default=60.0,
    ),
    row(
        "lingering_close",
        HSL,
        values.choice("off", "on", "always"),
        "read on before closing, so that the client gets the answer",
        default="on",
    ),
    row("lingering_time", HSL, values.duration, "longest time of that reading", default=30.0),
    row("lingering_timeout", HSL, values.duration, "time between two pieces of it", default=5.0),
    row(
        "reset_timedout_connection",
        HSL,
        values.flag,
        "reset connections that ran out of time",
        default=False,
    ),
    row(
        "server_tokens",
        HSL,
        values.choice("on", "off", "build"),
        "what the Server header says",
        default="on",
        modern="off",
    ),
    row(
        "absolute_redirect",
        HSL,
        values.flag,
        "redirects name scheme and host",
        default=True,
        modern=False,
    ),
    row(
        "server_name_in_redirect",
        HSL,
        values.flag,
        "redirects name the server's first name rather than Host",
        default=False,
    ),
    row("port_in_redirect", HSL, values.flag, "redirects name the port", default=True),
    row("merge_slashes", HS, values.flag, "// in a path counts as /", default=True),
    row(
        "ignore_invalid_headers",
        HS,
        values.flag,
        "drop header fields with odd names; off refuses no name",
        default=True,
    ),
    row(
        "underscores_in_headers",
        HS,
        values.flag,
        "names of header fields may have underscores",
        default=False,
    ),
    row(
        "resolver",
        [*HSL, UPSTREAM],
        resolver,
        "name servers for names that are known only at run time",
        args=(1, None),
    ),
    row(
        "resolver_timeout",
        [*HSL, UPSTREAM],
        values.duration,
        "time for a name server's answer",
        default=30.0,
    ),
    row(
        "chunked_transfer_encoding",
        HSL,
        values.flag,
        "chunked responses to HTTP/1.1 clients where the length is not known",
        default=True,
    ),
    row(
        "open_file_cache",
        HSL,
        open_file_cache,
        "keep files open: max=number [inactive=time]; off",
        args=(1, 2),
    ),
    row(
        "open_file_cache_valid",
        HSL,
        values.seconds,
        "after which time it is looked whether they are still the same",
        default=60,
    ),
    row(
        "open_file_cache_min_uses",
        HSL,
        values.number(1),
        "how often a file is asked for until it stays open",
        default=1,
    ),
    row(
        "open_file_cache_errors",
        HSL,
        values.flag,
        "also remember what could not be opened",
        default=False,
    ),
    accepted("sendfile", [*HSL, LOCATION_IF], values.flag, default=False),
    accepted("sendfile_max_chunk", HSL, values.size),
    accepted("tcp_nopush", HSL, values.flag, default=False),
    accepted("tcp_nodelay", HSL, values.flag, default=True),
    accepted("connection_pool_size", HS, values.size, default=512),
    accepted("request_pool_size", HS, values.size),
    accepted("output_buffers", HSL, values.buffers, args=2),
    accepted("postpone_output", HSL, values.size),
    accepted("client_body_in_single_buffer", HSL, values.flag),
    accepted("msie_padding", HSL, values.flag),
    accepted("types_hash_max_size", HSL, values.number()),
    accepted("types_hash_bucket_size", HSL, values.number()),
    accepted("server_names_hash_max_size", [HTTP], values.number()),
    accepted("server_names_hash_bucket_size", [HTTP], values.number()),
    accepted("variables_hash_max_size", [HTTP], values.number()),
    accepted("variables_hash_bucket_size", [HTTP], values.number()),
    accepted("aio", HSL, aio),
    accepted("aio_write", HSL, values.flag),
    accepted("directio", HSL, directio),
    accepted("directio_alignment", HSL, values.offset),
    accepted("read_ahead", HSL, values.size),
]
