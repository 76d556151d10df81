"""Sizes, durations and rates as nginx writes them: "10m", "1h30m", "100r/s", and back.

Every function raises ValueError for text that is none of them.
"""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]+")
_LARGEST = 2**63 - 1

_SIZE_SUFFIXES = {"k": 1 << 10, "m": 1 << 20}
_OFFSET_SUFFIXES = _SIZE_SUFFIXES | {"g": 1 << 30}

_SECOND = 1000  # milliseconds, like all below
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
# In the order in which nginx lets them follow each other. A month has 30 days, a year 365.
_STEPS = {
    "y": 365 * _DAY,
    "M": 30 * _DAY,
    "w": 7 * _DAY,
    "d": _DAY,
    "h": _HOUR,
    "m": _MINUTE,
    "s": _SECOND,
    "ms": 1,
}
_RANKS = {unit: rank for rank, unit in enumerate(_STEPS)}
_PART = re.compile(r"([0-9]*)(ms|[yMwdhms]) *")
_SPACED = re.compile(r"([0-9]*) +")


def parse_number(text: str) -> int:
    """Return a number of decimal digits, without a sign."""
    if not _DIGITS.fullmatch(text):
        raise ValueError(f"not a number: {text!r}")
    number = int(text)
    if number > _LARGEST:
        raise ValueError(f"too large: {text!r}")
    return number


def parse_size(text: str) -> int:
    """Return octets: digits, then nothing, k or m. For memory; no g, as in nginx."""
    return _scaled(text, _SIZE_SUFFIXES)


def parse_offset(text: str) -> int:
    """Return octets: digits, then nothing, k, m or g. For files and bodies."""
    return _scaled(text, _OFFSET_SUFFIXES)


def _scaled(text: str, suffixes: dict[str, int]) -> int:
    scale = suffixes.get(text[-1:].lower(), 0)
    number = parse_number(text[:-1] if scale else text) * (scale or 1)
    if number > _LARGEST:
        raise ValueError(f"too large: {text!r}")
    return number


def parse_duration(text: str, *, whole_seconds: bool = False) -> float:
    """Return seconds: "500ms", "30", "1m30s", "1d 12h".

    Units fall from left to right; the last number may go without one and means
    seconds. Directives that count in milliseconds know no years and months; those
    that count in whole seconds know no milliseconds.
    """
    if not any(octet.isdigit() for octet in text):
        raise ValueError(f"not a duration: {text!r}")
    total = 0
    rank = -1 if whole_seconds else _RANKS["M"]
    rest = text
    while rest and not _DIGITS.fullmatch(rest):
        part = _PART.match(rest) or _SPACED.match(rest)
        if part is None:
            raise ValueError(f"not a duration: {text!r}")
        unit = part[2] if part.re is _PART else "s"
        if _RANKS[unit] <= rank or (unit == "ms" and whole_seconds):
            raise ValueError(f"not a duration: {text!r}")
        # A number with a space after it is the last: nothing smaller may follow.
        rank = _RANKS[unit] if part.re is _PART else _RANKS["ms"]
        total += int(part[1] or 0) * _STEPS[unit]
        rest = rest[part.end() :]
    total += int(rest or 0) * _SECOND
    if total > _LARGEST:
        raise ValueError(f"too large: {text!r}")
    return total / _SECOND


def format_size(octets: int) -> str:
    """Return the shortest text that parse_offset reads as this number of octets."""
    for suffix, scale in (("g", 1 << 30), ("m", 1 << 20), ("k", 1 << 10)):
        if octets and octets % scale == 0:
            return f"{octets // scale}{suffix}"
    return str(octets)


def format_duration(seconds: float) -> str:
    """Return text that parse_duration reads as this duration, to the millisecond."""
    rest = round(seconds * _SECOND)
    text = ""
    for unit, step in _STEPS.items():
        if unit in ("y", "M"):
            continue  # not every directive reads these
        count, rest = divmod(rest, step)
        if count:
            text += f"{count}{unit}"
    return text or "0s"
