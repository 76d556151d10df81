"""proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags.

proxy_cookie_domain localhost example.org;      proxy_cookie_path ~^/app(/.*)$ $1;
proxy_cookie_flags  session secure samesite=lax;
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import HSL, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template, variables


@dataclass(frozen=True, slots=True)
class CookieRewrite:
    """What becomes what in an attribute; with a `pattern`, `source` is unused."""

    source: Template
    replacement: Template
    pattern: re.Pattern[bytes] | None = None


@dataclass(frozen=True, slots=True)
class CookieFlags:
    """Flags for the cookies of a name, or of those that a pattern fits."""

    name: Template
    flags: tuple[Template, ...]
    pattern: re.Pattern[bytes] | None = None


def cookie_domain(args: Arguments) -> CookieRewrite | None:
    """Read off, or what becomes what; a dot in front means nothing."""
    return _rewrite(args, strip=".", ignore_case=True)


def cookie_path(args: Arguments) -> CookieRewrite | None:
    """Read off, or what becomes what."""
    return _rewrite(args, strip="", ignore_case=False)


def _rewrite(args: Arguments, *, strip: str, ignore_case: bool) -> CookieRewrite | None:
    if len(args) == 1:
        if args[0] != "off":
            raise values.unknown_option(args, 1)
        return None
    replacement = values.template_at(args, 1, args[1].removeprefix(strip) if strip else args[1])
    source = args[0]
    if source.startswith("~"):
        starred = source.startswith("~*")
        pattern = values.pattern_at(
            args, 1, source[1 + starred :], ignore_case=ignore_case or starred
        )
        return CookieRewrite((), replacement, pattern)
    source = source.removeprefix(strip) if strip else source
    return CookieRewrite(values.template_at(args, 0, source), replacement)


_FLAGS = frozenset(
    (
        *("secure", "nosecure", "httponly", "nohttponly", "nosamesite"),
        *("samesite=strict", "samesite=lax", "samesite=none"),
    )
)


def cookie_flags(args: Arguments) -> CookieFlags | None:
    """Read off, or a name and flags."""
    if len(args) == 1:
        if args[0] != "off":
            raise values.unknown_option(args, 1)
        return None
    flags = tuple(values.template_at(args, at) for at in range(1, len(args)))
    for at, flag in enumerate(flags, 2):
        if not variables(flag) and args[at - 1].lower() not in _FLAGS:
            raise Invalid(f'invalid parameter "{args[at - 1]}"', at, hint=", ".join(sorted(_FLAGS)))
    if args[0].startswith("~"):
        return CookieFlags((), flags, values.pattern_at(args, 1, args[0][1:], ignore_case=True))
    return CookieFlags(values.template_at(args, 0), flags)


ROWS = [
    row(
        "proxy_cookie_domain",
        HSL,
        cookie_domain,
        "off, or what becomes what in the domains of cookies",
        args=(1, 2),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "proxy_cookie_path",
        HSL,
        cookie_path,
        "off, or what becomes what in the paths of cookies",
        args=(1, 2),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "proxy_cookie_flags",
        HSL,
        cookie_flags,
        "off, or flags (secure, httponly, samesite=…, no…) for cookies of a name",
        args=(1, 4),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
]
