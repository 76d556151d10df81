"""proxy_cookie_domain, proxy_cookie_path, proxy_cookie_flags: an upstream's cookies become ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from forkproxy.config.directives.proxy_cookie import CookieFlags, CookieRewrite
from forkproxy.config.scope import Scope
from forkproxy.core.exchange import Exchange
from forkproxy.core.expressions import Expression
from forkproxy.core.making import Making
from forkproxy.wire.fields import Fields


@dataclass(slots=True)
class _Rewrite:
    source: Expression
    pattern: re.Pattern[bytes] | None
    captures: Any
    replacement: Expression
    domain: bool

    def apply(self, exchange: Exchange, value: bytes) -> bytes | None:
        """Return the new value, None where this rule does not fit."""
        if self.pattern is not None:
            match = self.pattern.search(value)
            if match is None:
                return None
            exchange.keep_match(match, self.captures)
            return self.replacement(exchange)
        source = self.source(exchange)
        if self.domain:
            bare = value.removeprefix(b".")
            if bare.lower() != source.lower():
                return None
            return value[: len(value) - len(bare)] + self.replacement(exchange)
        if not value.startswith(source):
            return None
        return self.replacement(exchange) + value[len(source) :]


@dataclass(slots=True)
class _Flags:
    name: Expression
    pattern: re.Pattern[bytes] | None
    flags: Sequence[Expression]

    def fits(self, exchange: Exchange, cookie: bytes) -> bool:
        if self.pattern is not None:
            return self.pattern.search(cookie) is not None
        return self.name(exchange).lower() == cookie.lower()


@dataclass(slots=True)
class Cookies:
    """The rules of one location; called with each answer that sets cookies."""

    domains: list[_Rewrite] = field(default_factory=list)
    paths: list[_Rewrite] = field(default_factory=list)
    flags: list[_Flags] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.domains or self.paths or self.flags)

    def __call__(self, exchange: Exchange, fields: Fields) -> None:
        """Rewrite the Set-Cookie lines in place."""
        given = fields.all(b"set-cookie")
        changed = [self._changed(exchange, line) for line in given]
        if changed == given:
            return
        fields.remove(b"set-cookie")
        for line in changed:
            fields.add(b"Set-Cookie", line.replace(b"\r", b" ").replace(b"\n", b" "))

    def _changed(self, exchange: Exchange, line: bytes) -> bytes:
        cookie, *attributes = line.split(b";")
        made = [self._attribute(exchange, attribute) for attribute in attributes]
        name = cookie.partition(b"=")[0].strip()
        for rule in self.flags:
            if rule.fits(exchange, name):
                made = [b" " + one.strip() for one in made]
                for flag in rule.flags:
                    made = _with_flag(made, flag(exchange).strip())
                break
        return b";".join([cookie, *made])

    def _attribute(self, exchange: Exchange, attribute: bytes) -> bytes:
        name, equals, value = attribute.partition(b"=")
        if not equals:
            return attribute
        kind = name.strip().lower()
        rules = self.domains if kind == b"domain" else self.paths if kind == b"path" else []
        for rule in rules:
            found = rule.apply(exchange, value.strip())
            if found is not None:
                return name + b"=" + found
        return attribute


def _with_flag(attributes: list[bytes], flag: bytes) -> list[bytes]:
    """Add, replace or remove secure, httponly or samesite."""
    flag = flag.lower()
    bare = flag.removeprefix(b"no")
    kind = bare.partition(b"=")[0]
    if kind not in (b"secure", b"httponly", b"samesite"):
        return attributes
    kept = [one for one in attributes if one.strip().partition(b"=")[0].lower() != kind]
    if flag != bare:
        return kept
    if kind == b"samesite":
        value = bare.partition(b"=")[2].capitalize()
        return [*kept, b" SameSite=" + value] if value else kept
    return [*kept, b" Secure" if kind == b"secure" else b" HttpOnly"]


def cookies(scope: Scope, making: Making) -> Cookies | None:
    """Return what a scope says of cookies, None where it says nothing."""
    made = Cookies()
    for name, rules in (
        ("proxy_cookie_domain", made.domains),
        ("proxy_cookie_path", made.paths),
    ):
        for line in scope.lines(name):
            if line.value is not None:
                rules.append(_rewrite(line.value, making, domain=name.endswith("domain")))
    for line in scope.lines("proxy_cookie_flags"):
        given: CookieFlags | None = line.value
        if given is not None:
            flags = [making.expression(flag) for flag in given.flags]
            made.flags.append(_Flags(making.expression(given.name), given.pattern, flags))
    return made or None


def _rewrite(given: CookieRewrite, making: Making, *, domain: bool) -> _Rewrite:
    captures = making.captures(given.pattern) if given.pattern is not None else ()
    return _Rewrite(
        making.expression(given.source),
        given.pattern,
        captures,
        making.expression(given.replacement),
        domain,
    )
