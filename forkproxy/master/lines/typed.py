"""HAProxy's other two forms of its tables: one typed value a line, and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ORIGINS = {"P": "Product", "C": "Config", "K": "Key", "S": "Status", "M": "Metric"}
NATURES = {
    "O": "Output",
    "N": "Name",
    "G": "Gauge",
    "L": "Limit",
    "R": "Rate",
    "M": "Max",
    "C": "Counter",
    "D": "Duration",
    "A": "Age",
    "a": "Avg",
}
SCOPES = {"S": "Service", "P": "Process"}


@dataclass(frozen=True, slots=True)
class Sort:
    """What kind of value it is: the letters of HAProxy's tags.

    `width` is the name of a number's type where that does not follow from the letters.
    """

    origin: str
    nature: str
    scope: str
    width: str = ""

    @property
    def letters(self) -> str:
        return self.origin + self.nature + self.scope

    @property
    def tags(self) -> dict[str, str]:
        return {
            "origin": ORIGINS[self.origin],
            "nature": NATURES[self.nature],
            "scope": SCOPES[self.scope],
        }

    def kind(self, value: Any) -> str:
        """Return the name of a value's type."""
        if isinstance(value, str):
            return "str"
        if self.width:
            return self.width
        return "u64" if self.nature == "C" else "s32" if value < 0 else "u32"


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a table, and its place there."""

    position: int
    name: str
    value: Any
    sort: Sort


def typed_fields(fields: list[Field], front: str = "") -> list[str]:
    """Return "0.Name.1:POS:str:forkproxy" for each."""
    return [
        f"{front}{field.position}.{field.name}.1:{field.sort.letters}"
        f":{field.sort.kind(field.value)}:{field.value}"
        for field in fields
    ]


def json_fields(fields: list[Field], **more: Any) -> list[dict[str, Any]]:
    """Return each as HAProxy's JSON has it; `more` comes before it."""
    return [
        more
        | {
            "field": {"pos": field.position, "name": field.name},
            "processNum": 1,
            "tags": field.sort.tags,
            "value": {"type": field.sort.kind(field.value), "value": field.value},
        }
        for field in fields
    ]
