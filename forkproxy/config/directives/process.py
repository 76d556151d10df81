"""Directives of the main context: processes, users, files, signals."""

from __future__ import annotations

import grp
import os
import pwd
import re
from dataclasses import dataclass, replace

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import (
    ANYWHERE,
    EVENTS,
    HSL,
    HTTP,
    MAIN,
    Arguments,
    Inherit,
    Invalid,
    accepted,
    row,
    words,
)
from forkproxy.config.syslog import PREFIX, Syslog, syslog

CONTROL_LEVELS = ("user", "operator", "admin")
LEVELS = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug")


@dataclass(frozen=True, slots=True)
class Account:
    """Who the workers are: names, and what they stand for on this machine."""

    user: str
    group: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class ErrorLog:
    """Where errors go. An empty path is standard error."""

    path: str
    level: str = "error"
    syslog: Syslog | None = None  # in place of the file


@dataclass(frozen=True, slots=True)
class ControlSocket:
    """The socket that `forkproxy status` and its kin talk to."""

    path: str
    mode: int = 0o600
    group: str = ""
    level: str = "admin"  # or operator, or user: these change nothing


@dataclass(frozen=True, slots=True)
class CpuAffinity:
    """Which processors each worker may use; the last mask serves all further workers.

    `auto` gives each worker one processor, of those in the mask where there is one.
    """

    auto: bool
    masks: tuple[frozenset[int], ...] = ()


def user(args: Arguments) -> Account | None:
    """Read the user and group of the workers; None where we may not change them."""
    if os.geteuid() != 0:
        args.warn(
            'the "user" directive makes sense only if the master process runs '
            "with super-user privileges, ignored",
            0,
        )
        return None
    try:
        found = account(args[0])
    except KeyError:
        raise Invalid(f'getpwnam("{args[0]}") failed', hint="there is no such user here") from None
    group = args[-1]
    try:
        return replace(found, group=group, gid=grp.getgrnam(group).gr_gid)
    except KeyError:
        hint = "there is no such group here: name one as second argument"
        raise Invalid(f'getgrnam("{group}") failed', len(args), hint=hint) from None


def account(name: str) -> Account:
    """Return a user of this machine with the user's own group. Raises KeyError."""
    found = pwd.getpwnam(name)
    return Account(name, grp.getgrgid(found.pw_gid).gr_name, found.pw_uid, found.pw_gid)


def worker_processes(args: Arguments) -> int:
    """Read the number of workers; 0 stands for auto."""
    if args[0] == "auto":
        return 0
    try:
        count = units.parse_number(args[0])
    except ValueError:
        raise args.refuse("invalid value") from None
    if count == 0:
        raise args.refuse("invalid value", hint="at least 1, or auto")
    return count


def worker_priority(args: Arguments) -> int:
    """Read a nice value: -20 to 20."""
    found = re.fullmatch(r"([+-]?)([0-9]{1,3})", args[0])
    if found is None:
        raise args.refuse("invalid number")
    value = int(found[2])
    return -value if found[1] == "-" else value


def worker_cpu_affinity(args: Arguments) -> CpuAffinity:
    """Read masks of processors, the rightmost digit being processor 0."""
    auto = args[0] == "auto"
    if auto and len(args) > 2:
        raise Invalid('invalid number of arguments in "worker_cpu_affinity" directive', 0)
    masks = []
    for index, mask in enumerate(args.words[auto:], 1 + auto):
        wrong = mask.strip("01")
        if wrong:
            raise Invalid(f'invalid character "{wrong[0]}" in "worker_cpu_affinity"', index)
        masks.append(frozenset(bit for bit, digit in enumerate(reversed(mask)) if digit == "1"))
    return CpuAffinity(auto, tuple(masks))


def error_log(args: Arguments) -> ErrorLog:
    """Read a file, stderr or a syslog server, and a level."""
    target = args[0]
    if target.startswith("memory:"):
        raise Invalid(
            '"memory:" in "error_log" is not supported by this version of forkproxy',
            hint="log to a file, to stderr or to syslog",
        )
    server = syslog(args) if target.startswith(PREFIX) else None
    level = args[1] if len(args) > 1 else "error"
    for index, name in enumerate(args.words[1:], 2):
        if name not in LEVELS:
            hint = f"one of: {', '.join(reversed(LEVELS))}"
            raise Invalid(f'invalid log level "{name}"', index, hint=hint)
        if index > 2:
            raise Invalid(f'duplicate log level "{name}"', index)
    if server is not None:
        return ErrorLog("", level, server)
    return ErrorLog("" if target == "stderr" else values.full_path(args, target), level)


def env(args: Arguments) -> tuple[str, str | None]:
    """Read a name to keep, or a name and its value."""
    name, equals, value = args[0].partition("=")
    return name, value if equals else None


def control_socket(args: Arguments) -> ControlSocket | None:
    """Read where the control socket is; None for off."""
    if args[0] == "off":
        if len(args) > 1:
            raise values.unknown_option(args, 2)
        return None
    if not args[0].startswith("unix:") or len(args[0]) == len("unix:"):
        raise args.refuse(
            "invalid value", hint="control_socket unix:PATH [mode=0660] [group=NAME] [level=admin];"
        )
    mode, group, level = 0o600, "", "admin"
    for index, name, value in values.options(args, 1):
        if name == "mode" and re.fullmatch("0?[0-7]{3}", value):
            mode = int(value, 8)
        elif name == "group" and value:
            group = value
        elif name == "level" and value in CONTROL_LEVELS:
            level = value
        else:
            raise values.unknown_option(args, index)
    return ControlSocket(values.full_path(args, args[0][len("unix:") :]), mode, group, level)


def off_or_size(args: Arguments) -> int:
    """Read octets; 0 for off."""
    return 0 if args[0] == "off" else values.offset(args)


def pid(args: Arguments) -> str:
    """Read the name of the pid file; "" for off."""
    return "" if args[0] == "off" else values.path(args)


def use(args: Arguments) -> str:
    """Read the name of an event method. gevent chooses its own."""
    if args[0] not in ("epoll", "poll", "select", "kqueue", "eventport", "/dev/poll"):
        raise Invalid(f'invalid event type "{args[0]}"')
    return args[0]


def worker_connections(args: Arguments) -> int:
    """Read how many connections a worker may have."""
    try:
        count = units.parse_number(args[0])
    except ValueError:
        count = 0
    if count == 0:
        raise Invalid(f'invalid number "{args[0]}"')
    return count


ROWS = [
    row("user", [MAIN], user, "user and group of the workers", args=(1, 2)),
    row(
        "worker_processes",
        [MAIN],
        worker_processes,
        "number of workers, or auto: one for each processor",
        default=1,
        modern=0,
    ),
    row(
        "worker_cpu_affinity",
        [MAIN],
        worker_cpu_affinity,
        "processors of each worker",
        args=(1, None),
    ),
    row("worker_priority", [MAIN], worker_priority, "nice value of the workers", default=0),
    row("worker_rlimit_nofile", [MAIN], values.number(), "limit on open files of a worker"),
    row("worker_rlimit_core", [MAIN], values.offset, "limit on the core file of a worker"),
    row(
        "worker_shutdown_timeout",
        [MAIN],
        values.duration,
        "how long connections of an old generation may last after a reload",
        default=600.0,
    ),
    row(
        "worker_memory_limit",
        [MAIN],
        off_or_size,
        "memory of a worker beyond which it is replaced gracefully, or off",
        default=0,
    ),
    row(
        "accept_memory_limit",
        [MAIN],
        off_or_size,
        "memory of a worker beyond which it accepts no connections, or off",
        default=0,
    ),
    row("daemon", [MAIN], values.flag, "leave the terminal", default=True),
    row("master_process", [MAIN], values.flag, "fork workers", default=True),
    row("pid", [MAIN], pid, "file with the master's process id, or off"),
    row(
        "error_log",
        [MAIN, *HSL],
        error_log,
        "file, stderr or syslog:… for errors, and the least level logged",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "env",
        [MAIN],
        env,
        "environment variable that workers keep, or are given",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("working_directory", [MAIN], values.path, "current folder of the workers", default=""),
    row(
        "control_socket",
        [MAIN],
        control_socket,
        "unix:PATH [mode=0660] [group=NAME] [level=admin], or off: where forkproxy takes orders",
        args=(1, 4),
    ),
    row(
        "forkproxy_profile",
        [MAIN],
        values.choice("nginx", "modern"),
        "which defaults hold: those of nginx, or those of today",
        default="nginx",
    ),
    row(
        "forkproxy_unresolved",
        [MAIN],
        values.choice("warn", "refuse"),
        "what an upstream's name without an address is: a warning, or an error as nginx has it",
        default="warn",
    ),
    row(
        "include",
        ANYWHERE,
        values.word,
        "a file, or all files that a pattern with * fits, read in this place",
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row("events", [MAIN], values.nothing, "how connections are taken", args=0, inside=EVENTS),
    row("http", [MAIN], values.nothing, "HTTP servers", args=0, inside=HTTP),
    row(
        "worker_connections",
        [EVENTS],
        worker_connections,
        "connections that a worker may have at once, to clients and to upstreams",
        default=512,
    ),
    accepted("lock_file", [MAIN], values.path),
    accepted("timer_resolution", [MAIN], values.duration),
    accepted("pcre_jit", [MAIN], values.flag),
    accepted("thread_pool", [MAIN], words, args=(2, 3), repeat=True),
    accepted("load_module", [MAIN], values.path, repeat=True),
    accepted("debug_points", [MAIN], values.choice("stop", "abort")),
    accepted("use", [EVENTS], use),
    accepted("multi_accept", [EVENTS], values.flag),
    accepted("accept_mutex", [EVENTS], values.flag),
    accepted("accept_mutex_delay", [EVENTS], values.duration),
    accepted("debug_connection", [EVENTS], values.word, repeat=True),
    accepted("worker_aio_requests", [EVENTS], values.number()),
]
