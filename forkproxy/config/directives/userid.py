"""userid: a cookie by which a browser is known again."""

from __future__ import annotations

import string

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import HSL, Arguments, Invalid, row

MAX = -1  # of userid_expires: the latest moment that every browser understands
_FLAGS = ("secure", "httponly", "samesite=strict", "samesite=lax", "samesite=none")


def expires(args: Arguments) -> int:
    """Read how many seconds the cookie is kept; 0 for a session, MAX for ever."""
    if args[0] in ("max", "off"):
        return MAX if args[0] == "max" else 0
    return int(values.seconds(args))


def mark(args: Arguments) -> str:
    """Read the letter that stands at the end of a cookie's value; "" for none."""
    if args[0] == "off":
        return ""
    if len(args[0]) != 1 or args[0] not in string.ascii_letters + string.digits + "=":
        raise Invalid('value must be "off" or a single letter, digit or "="')
    return args[0]


def service(args: Arguments) -> int:
    """Read the number of the server that makes cookies, in place of its address."""
    try:
        return units.parse_number(args[0]) & 0xFFFFFFFF
    except ValueError:
        raise args.refuse("invalid number") from None


def none_or_word(args: Arguments) -> str:
    """Read a word; "" for none."""
    return "" if args[0] == "none" else args[0]


ROWS = [
    row(
        "userid",
        HSL,
        values.choice("off", "log", "v1", "on"),
        "cookies by which browsers are known again: on, v1, only read for the log, or off",
        default="off",
    ),
    row("userid_name", HSL, values.word, "name of the cookie", default="uid"),
    row("userid_domain", HSL, none_or_word, "domain of the cookie, or none", default=""),
    row("userid_path", HSL, values.word, "path of the cookie", default="/"),
    row(
        "userid_expires",
        HSL,
        expires,
        "how long browsers keep the cookie: a time, max, or off for a session",
        default=0,
    ),
    row(
        "userid_flags",
        HSL,
        values.choices("off", *_FLAGS),
        "secure, httponly, samesite=strict, samesite=lax, samesite=none, or off",
        args=(1, 3),
        default=frozenset(),
        repeat=True,
    ),
    row("userid_p3p", HSL, none_or_word, "the P3P field that goes with the cookie", default=""),
    row(
        "userid_mark",
        HSL,
        mark,
        "a letter, digit or = at the end of the value; cookies without it are sent anew",
        default="",
    ),
    row(
        "userid_service",
        HSL,
        service,
        "number of the server in the value, in place of its address",
    ),
]
