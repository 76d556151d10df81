"""Where a rule between directives finds what it speaks of, and where nginx would say it."""

from __future__ import annotations

from collections.abc import Iterator

from forkproxy.config.check import Checker
from forkproxy.config.parser import Node
from forkproxy.config.problems import Severity
from forkproxy.config.scope import Directive, Scope


def node_of(thing: Scope | Directive) -> Node:
    """Return what a block or a directive was read from."""
    assert thing.node is not None  # all but the main level stand somewhere
    return thing.node


def scopes_within(scope: Scope) -> Iterator[Scope]:
    """Yield a level, and those of servers and locations within it."""
    yield scope
    for block in scope.blocks("server", "location", "if"):
        yield from scopes_within(block)


def say_of_block(
    checker: Checker, block: Scope, message: str, order: int, line: int, *, hint: str = ""
) -> None:
    """Report a block as a whole, at that moment and line."""
    node = node_of(block)
    token = node.words[0]
    problem = node.file.problem(Severity.EMERG, message, token, line=line, hint=hint)
    checker.findings.add(order, problem)


def say_at_end(
    checker: Checker, http: Scope, about: Directive, message: str, *, hint: str = ""
) -> None:
    """Report a directive that nginx objects to at the end of http, naming that line."""
    node, end = node_of(about), node_of(http)
    problem = node.file.problem(
        Severity.EMERG, message, node.words[0], line=end.closed_line, hint=hint
    )
    checker.findings.add(end.closed, problem)
