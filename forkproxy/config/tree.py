"""The tree of a configuration as JSON can hold it: crossplane's shape, plus columns.

Tools that read crossplane's payload read this one; `column` is the only addition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from forkproxy.config.defaults import as_text
from forkproxy.config.directives import TABLE
from forkproxy.config.parser import File, Node
from forkproxy.config.row import Inherit, Row, Tier
from forkproxy.config.scope import Scope


def tree_of(files: Sequence[File], main: Scope | None = None) -> dict[str, Any]:
    """Return the payload of all files that were read, each once, the main one first.

    With the checked configuration, each block has in `resolved` what holds in it without
    being said there: directives inherited, and defaults.
    """
    indices: dict[str, int] = {}
    distinct: list[File] = []
    for file in files:
        if file.path not in indices:
            indices[file.path] = len(distinct)
            distinct.append(file)
    failed = any(file.failed for file in files)
    scopes = {id(scope.node): scope for scope in _scopes(main)} if main else {}
    payload: dict[str, Any] = {
        "status": "failed" if failed else "ok",
        "errors": [],
        "config": [
            {
                "file": file.path,
                "status": "failed" if file.failed else "ok",
                "errors": [],
                "parsed": [_entry(node, indices, scopes) for node in file.nodes],
            }
            for file in distinct
        ],
    }
    if main is not None:
        payload["resolved"] = _resolved(main)
    return payload


def _scopes(scope: Scope) -> Iterator[Scope]:
    for block in scope.blocks():
        yield block
        yield from _scopes(block)


def _entry(node: Node, indices: dict[str, int], scopes: dict[int, Scope]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "directive": node.name,
        "line": node.words[0].line,
        "column": node.words[0].column,
        "args": _args(node),
    }
    if node.included is not None:
        entry["includes"] = [indices[file.path] for file in node.included]
    if node.block is not None:
        entry["block"] = [_entry(inner, indices, scopes) for inner in node.block]
    if id(node) in scopes:
        entry["resolved"] = _resolved(scopes[id(node)])
    return entry


def _resolved(scope: Scope) -> dict[str, list[dict[str, Any]]]:
    """Return what holds in a block and is not said there, by name: each line, and from where."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(scope):
        if scope.own(row.name):
            continue
        lines = scope.lines(row.name)
        if lines:
            found[row.name] = [
                {"args": list(line.words), "file": line.at.path, "line": line.at.line}
                for line in lines
            ]
        elif text := as_text(row, scope.value(row.name)):
            found[row.name] = [{"value": text, "default": True}]
    return found


def _rows(scope: Scope) -> Iterator[Row]:
    """Yield the directives that may stand in a block and order something of their own."""
    for rows in TABLE.values():
        for row in rows:
            stands = scope.context in row.contexts and row.tier is Tier.BUILT and not row.inside
            if stands and (row.inherit is not Inherit.HERE or row.default is not None):
                yield row


def _args(node: Node) -> list[str]:
    """Return the arguments; those of `if` without its parentheses, as crossplane does."""
    args = list(node.args)
    if node.name == "if" and args and args[0].startswith("(") and args[-1].endswith(")"):
        args[0] = args[0][1:].lstrip()
        args[-1] = args[-1][:-1].rstrip()
        args = [arg for at, arg in enumerate(args) if arg or at not in (0, len(args) - 1)]
    return args
