"""How an upstream chooses the peer for a request.

least_conn;
hash $request_uri consistent;
random two least_time=header;
queue 100 timeout=70s;
"""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import UPSTREAM, Arguments, Inherit, Invalid, Parse, Row, row
from forkproxy.config.template import Template

POLICIES = ("hash", "ip_hash", "least_conn", "least_time", "random")
METRICS = ("header", "last_byte")


@dataclass(frozen=True, slots=True)
class Hash:
    """By a key; `consistent`: so that few keys move when a server comes or goes."""

    key: Template
    consistent: bool = False


@dataclass(frozen=True, slots=True)
class LeastTime:
    """By the average time until a `metric`; `inflight`: and by how long requests wait now."""

    metric: str
    inflight: bool = False


@dataclass(frozen=True, slots=True)
class Random:
    """By chance; with `two` the better one of two, by `metric`, "" for the fewest connections."""

    two: bool = False
    metric: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """So many requests of each worker wait so long for a peer that has room."""

    most: int
    timeout: float = 60.0  # seconds


def _policy(parse: Parse) -> Parse:
    """Return a parser that warns where an upstream has a policy already, as nginx does."""

    def parsed(args: Arguments) -> object:
        if any(args.level.own(name) for name in POLICIES):
            args.warn("load balancing method redefined", 0)
        return parse(args)

    return parsed


def hash(args: Arguments) -> Hash:
    """Read a key and `consistent`."""
    key = values.template_at(args, 0)
    if len(args) == 2 and args[1] != "consistent":
        raise Invalid(f'invalid parameter "{args[1]}"', 2)
    return Hash(key, len(args) == 2)


def least_time(args: Arguments) -> LeastTime:
    """Read a metric and `inflight`."""
    if args[0] not in METRICS:
        raise Invalid(f'invalid value "{args[0]}"', hint=f"one of: {', '.join(METRICS)}")
    if len(args) == 2 and args[1] != "inflight":
        raise Invalid(f'invalid parameter "{args[1]}"', 2)
    return LeastTime(args[0], len(args) == 2)


def random(args: Arguments) -> Random:
    """Read `two` and what makes one of them the better one."""
    if len(args) and args[0] != "two":
        raise Invalid(f'invalid parameter "{args[0]}"')
    if len(args) < 2 or args[1] == "least_conn":
        return Random(bool(len(args)))
    name, _, metric = args[1].partition("=")
    if name != "least_time" or metric not in METRICS:
        raise Invalid(f'invalid parameter "{args[1]}"', 2)
    return Random(True, metric)


def queue(args: Arguments) -> Queue:
    """Read a number and `timeout=`."""
    try:
        most = units.parse_number(args[0])
        if len(args) == 1:
            return Queue(most)
        name, _, value = args[1].partition("=")
        if name == "timeout":
            return Queue(most, units.parse_duration(value))
    except ValueError:
        pass
    raise values.unknown_option(args, len(args))


def _row(name: str, parse: Parse, manual: str, **rest: object) -> Row:
    return row(name, [UPSTREAM], _policy(parse), manual, inherit=Inherit.HERE, repeat=True, **rest)


ROWS = [
    _row("hash", hash, "key [consistent]: the same key, the same peer", args=(1, 2)),
    _row("ip_hash", values.nothing, "the same client, the same peer", args=0),
    _row("least_conn", values.nothing, "the peer with the fewest requests in flight", args=0),
    _row("least_time", least_time, "header | last_byte [inflight]: the fastest peer", args=(1, 2)),
    _row("random", random, "[two [least_conn | least_time=]]: any peer", args=(0, 2)),
    row(
        "queue",
        [UPSTREAM],
        queue,
        "number [timeout=]: requests that wait for a peer that has room",
        args=(1, 2),
        inherit=Inherit.HERE,
    ),
]
