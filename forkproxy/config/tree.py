"""The tree of a configuration as JSON can hold it: crossplane's shape, plus columns.

Tools that read crossplane's payload read this one; `column` is the only addition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forkproxy.config.parser import File, Node


def tree_of(files: Sequence[File]) -> dict[str, Any]:
    """Return the payload of all files that were read, each once, the main one first."""
    indices: dict[str, int] = {}
    distinct: list[File] = []
    for file in files:
        if file.path not in indices:
            indices[file.path] = len(distinct)
            distinct.append(file)
    failed = any(file.failed for file in files)
    return {
        "status": "failed" if failed else "ok",
        "errors": [],
        "config": [
            {
                "file": file.path,
                "status": "failed" if file.failed else "ok",
                "errors": [],
                "parsed": [_entry(node, indices) for node in file.nodes],
            }
            for file in distinct
        ],
    }


def _entry(node: Node, indices: dict[str, int]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "directive": node.name,
        "line": node.words[0].line,
        "column": node.words[0].column,
        "args": _args(node),
    }
    if node.included is not None:
        entry["includes"] = [indices[file.path] for file in node.included]
    if node.block is not None:
        entry["block"] = [_entry(inner, indices) for inner in node.block]
    return entry


def _args(node: Node) -> list[str]:
    """Return the arguments; those of `if` without its parentheses, as crossplane does."""
    args = list(node.args)
    if node.name == "if" and args and args[0].startswith("(") and args[-1].endswith(")"):
        args[0] = args[0][1:].lstrip()
        args[-1] = args[-1][:-1].rstrip()
        args = [arg for at, arg in enumerate(args) if arg or at not in (0, len(args) - 1)]
    return args
