"""A JSON Schema of `forkproxy config --json`, made from the table of directives.

It holds the shape of the payload, the names that exist, how many arguments each takes and
whether it has a block: what an editor or a generator can use. What words mean is the check's.
"""

from __future__ import annotations

from typing import Any

from forkproxy.config.defaults import default_text
from forkproxy.config.directives import TABLE
from forkproxy.config.row import Row, Tier

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema."""
    return {
        "$schema": _DIALECT,
        "title": "A configuration of forkproxy, parsed",
        "type": "object",
        "required": ["status", "errors", "config"],
        "properties": {
            "status": {"enum": ["ok", "failed"]},
            "errors": {"type": "array"},
            "config": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/file"}},
        },
        "$defs": {
            "file": _file(),
            "statements": {"type": "array", "items": {"$ref": "#/$defs/statement"}},
            "statement": {
                "type": "object",
                "required": ["directive", "args"],
                "properties": _members(),
                "anyOf": [{"$ref": "#/$defs/include"}, *_kinds()],
            },
            "include": {
                "properties": {"directive": {"const": "include"}, "args": _count(1, 1)},
            },
            "line": {"not": {"required": ["block"]}},
        },
    }


def _file() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["file", "parsed"],
        "properties": {
            "file": {"type": "string"},
            "status": {"enum": ["ok", "failed"]},
            "errors": {"type": "array"},
            "parsed": {"$ref": "#/$defs/statements"},
        },
    }


def _members() -> dict[str, Any]:
    return {
        "directive": {"type": "string"},
        "args": {"type": "array", "items": {"type": "string"}},
        "line": {"type": "integer", "minimum": 1},
        "column": {"type": "integer", "minimum": 1},
        "includes": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        "block": {"type": "array"},
        "resolved": {"type": "object", "additionalProperties": {"type": "array"}},
    }


def _kinds() -> list[dict[str, Any]]:
    """Return one schema for each row that can be used."""
    return [_kind(row) for rows in TABLE.values() for row in rows if row.tier is not Tier.REFUSED]


def _kind(row: Row) -> dict[str, Any]:
    # The parentheses of an `if` are no arguments in this shape.
    most = None if row.name == "if" else row.most
    found: dict[str, Any] = {
        "title": row.name,
        "description": row.manual or "accepted without effect",
        "properties": {"directive": {"const": row.name}, "args": _count(row.least, most)},
    }
    if default := default_text(row):
        found["default"] = default
    if row.inside:
        found["required"] = ["block"]
        found["properties"]["block"] = {"$ref": "#/$defs/statements"}
    elif row.close is not None:
        found["required"] = ["block"]  # of bare lines, whose names are the configuration's own
    else:
        found["allOf"] = [{"$ref": "#/$defs/line"}]
    return found


def _count(least: int, most: int | None) -> dict[str, Any]:
    count: dict[str, Any] = {"minItems": least}
    if most is not None:
        count["maxItems"] = most
    return count
