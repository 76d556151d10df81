"""access_log and log_format."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import (
    HSL,
    HTTP,
    LIMIT_EXCEPT,
    LOCATION,
    LOCATION_IF,
    SERVER,
    Arguments,
    Inherit,
    Invalid,
    row,
)
from forkproxy.config.syslog import PREFIX, Syslog, syslog
from forkproxy.config.template import Template, TemplateError, constant, parse_template

_COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent"'
)


@dataclass(frozen=True, slots=True)
class LogFormat:
    """How a line is made. `escape` is default, json or none: how values are quoted."""

    name: str
    template: Template
    escape: str = "default"


@dataclass(frozen=True, slots=True)
class LogFileCache:
    """How many logs stay open whose names have variables, and for how long.

    Attributes:
        inactive: seconds after which one that nothing is written to is closed.
        min_uses: how often one must be written to, within that time, before it stays open.
        valid: seconds after which it is looked whether the name still is that of the file.
    """

    most: int
    inactive: float = 10.0
    min_uses: int = 1
    valid: float = 60.0


@dataclass(frozen=True, slots=True)
class AccessLog:
    """One log of requests: a file or a syslog server, its format, and when it is written."""

    path: Template
    format: LogFormat
    buffer: int = 0  # octets; 0: each line is written at once
    gzip: int = 0  # level of compression; 0: none
    flush: float | None = None  # seconds that a line may wait in the buffer
    condition: Template | None = None  # not logged while this is "" or "0"
    syslog: Syslog | None = None  # in place of the file


COMBINED = LogFormat("combined", parse_template(_COMBINED))


def log_format(args: Arguments) -> LogFormat:
    """Read a name, a way of escaping, and pieces of text that are joined."""
    name = args[0]
    if name == COMBINED.name or args.level.named("log_format", name):
        raise Invalid(f'duplicate "log_format" name "{name}"')
    start, escape = 1, "default"
    if args[1].startswith("escape="):
        escape = args[1].removeprefix("escape=")
        if escape not in ("default", "json", "none"):
            raise Invalid(f'unknown log format escaping "{escape}"', 2)
        start = 2
    parts: list[object] = []
    for index in range(start, len(args)):
        parts += _piece(args, index)
    return LogFormat(name, _joined(parts), escape)


def _piece(args: Arguments, index: int) -> Template:
    try:
        found = parse_template(args[index], captures=False)
    except TemplateError as error:
        reason = error.reason
        if reason == "invalid variable name":
            reason = f'invalid parameter "{args[index][error.offset :]}"'
        raise Invalid(reason, index + 1) from None
    args.uses(found, index + 1)
    return found


def _joined(parts: list[object]) -> Template:
    """Join pieces of text that touch, so that the template is in its usual form."""
    joined: list[object] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)  # type: ignore[arg-type]


def access_log(args: Arguments) -> AccessLog | None:
    """Read a file, a format and options; None for off."""
    if args[0] == "off":
        if len(args) > 1:
            raise values.unknown_option(args, 2)
        return None
    server = syslog(args) if args[0].startswith(PREFIX) else None
    chosen = _format(args, args[1] if len(args) > 1 else COMBINED.name)
    path = args[0] if args[0].startswith("$") else values.full_path(args, args[0])
    target = () if server else values.template_at(args, 0, path)
    options: dict[str, object] = {}
    for index, name, value in values.options(args, 2):
        options |= _option(args, index, name, value)
    if "gzip" in options:
        options.setdefault("buffer", 65536)
    if "buffer" in options and server:
        raise Invalid("logs to syslog cannot be buffered", 0)
    if "buffer" in options and constant(target) is None:
        raise Invalid("buffered logs cannot have variables in name")
    if "flush" in options and "buffer" not in options:
        raise Invalid(f'no buffer is defined for access_log "{args[0]}"', 0)
    return AccessLog(target, chosen, syslog=server, **options)  # type: ignore[arg-type]


def _format(args: Arguments, name: str) -> LogFormat:
    if name == COMBINED.name:
        return COMBINED
    http = args.level.enclosing(HTTP)
    assert http is not None
    line = http.named("log_format", name)
    if line is not None:
        found: LogFormat = line.value
        return found
    hint = "a log_format stands before its use"
    if "=" in name:
        hint = "options stand behind the name of a format: combined, if there is no other"
    raise Invalid(f'unknown log format "{name}"', 2, hint=hint)


def _option(args: Arguments, index: int, name: str, value: str) -> dict[str, object]:
    try:
        if name == "buffer":
            return {"buffer": units.parse_size(value)}
        if name == "flush":
            return {"flush": units.parse_duration(value)}
    except ValueError:
        shown = "buffer size" if name == "buffer" else "flush time"
        raise Invalid(f'invalid {shown} "{value}"', index) from None
    if name == "if" and value:
        return {"condition": values.template_at(args, index - 1, value)}
    if name == "gzip":
        if not value and "=" not in args[index - 1]:
            return {"gzip": 1}
        if value not in tuple("123456789"):
            raise Invalid(f'invalid compression level "{value}"', index)
        return {"gzip": int(value)}
    raise values.unknown_option(args, index)


def open_log_file_cache(args: Arguments) -> LogFileCache | None:
    """Read the options of the cache; None for off."""
    found: dict[str, float] = {}
    for index, name, value in values.options(args, 0):
        try:
            if args[index - 1] == "off":
                continue
            if name in ("max", "min_uses") and int(value) > 0:
                found["most" if name == "max" else name] = int(value)
                continue
            if name in ("inactive", "valid"):
                found[name] = units.parse_duration(value, whole_seconds=True)
                continue
        except ValueError:
            pass
        raise Invalid(f'invalid "open_log_file_cache" parameter "{args[index - 1]}"', index)
    if "off" in args.words:
        return None
    if "most" not in found:
        raise Invalid('"open_log_file_cache" must have "max" parameter', 0)
    return LogFileCache(**found)  # type: ignore[arg-type]


ROWS = [
    row(
        "log_format",
        [HTTP],
        log_format,
        "name [escape=default|json|none] text …: how lines of an access log are made",
        args=(2, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "access_log",
        [HTTP, SERVER, LOCATION, LOCATION_IF, LIMIT_EXCEPT],
        access_log,
        "path or syslog:… [format [buffer=size] [gzip[=level]] [flush=time] [if=condition]], "
        "or off",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("log_subrequest", HSL, values.flag, "log subrequests too", default=False),
    row(
        "open_log_file_cache",
        HSL,
        open_log_file_cache,
        "max=N [inactive=time] [min_uses=N] [valid=time], or off: which logs stay open of those "
        "whose names have variables",
        args=(1, 4),
    ),
]
