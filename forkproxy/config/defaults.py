"""The default of a directive as it would be written: what is parsed, back to words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from forkproxy import units
from forkproxy.config.row import Row
from forkproxy.config.template import Var

_OCTETS = ("size", "offset", "off_or_size")
# Numbers that are written as words, by the directive or by what parses it.
_SAID_OTHERWISE: dict[tuple[str, int], str] = {
    ("worker_processes", 0): "auto",
    ("accept_memory_limit", 0): "off",
    ("worker_memory_limit", 0): "off",
    ("share", 0): "off",
    ("access", 0o600): "user:rw",
}


def default_text(row: Row, *, modern: bool = False) -> str:
    """Return a row's default as text; "" where there is none, or it hangs on others."""
    value = row.modern if modern and row.modern is not None else row.default
    return "" if value is None else as_text(row, value)


def as_text(row: Row, value: Any) -> str:
    """Return a value of a row as it would be written; "" for one that has no words."""
    if row.most == 0 and not row.block:
        return ""  # it is there, or it is not
    for name in (row.name, row.parse.__name__):
        if isinstance(value, int) and (name, value) in _SAID_OTHERWISE:
            return _SAID_OTHERWISE[name, value]
    return " ".join(_words(value, octets=row.parse.__name__ in _OCTETS))


def _words(value: Any, *, octets: bool = False) -> Iterable[str]:
    if isinstance(value, bool):
        return ("on" if value else "off",)
    if isinstance(value, int):
        return (units.format_size(value) if octets else str(value),)
    if isinstance(value, float):
        return (units.format_duration(value),)
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, Var):
        return (f"${value.name}",)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return (f"{right} {left};" for left, right in value.items())
    if isinstance(value, tuple):
        return (_joined(part) for part in value)
    if dataclasses.is_dataclass(value):
        return _fields(value)
    return ()


def _joined(part: Any) -> str:
    """Return one word: a template of a tuple is one, whatever it is made of."""
    return "".join(_words(part)) if isinstance(part, tuple) else " ".join(_words(part))


def _fields(value: Any) -> Iterable[str]:
    """Return the fields of a settings class, without those that are off or not there."""
    for field in dataclasses.fields(value):
        one = getattr(value, field.name)
        if one is not None and one is not False:
            yield from _words(one, octets=field.name == "size")
