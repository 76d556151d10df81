"""From a file, or from text, to a Config: everything of this folder in one call."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from forkproxy.config import fragment, https
from forkproxy.config.check import Checker
from forkproxy.config.parser import File, Node, Parser
from forkproxy.config.problems import COMMAND_LINE, ConfigErrors, Findings, Problem, Severity
from forkproxy.config.reading import Files
from forkproxy.config.row import HTTP
from forkproxy.config.rules import check_rules, missing_events
from forkproxy.config.scope import Folders, Scope
from forkproxy.config.tree import tree_of


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that was read and checked.

    Attributes:
        path: the main file.
        prefix: the folder that names of files are relative to.
        main: the outermost level; `http` is the one in it that matters most.
        notices: warnings, and directives accepted without effect.
        files: all files that were read, the main one first, each once.
    """

    path: str
    prefix: str
    main: Scope
    http: Scope | None
    notices: tuple[Problem, ...]
    files: tuple[str, ...]
    readings: tuple[File, ...] = field(repr=False)

    def texts(self) -> dict[str, str]:
        """Return what each file that was read said, by its path."""
        return {
            file.path: "\n".join(file.lines) for file in self.readings if file.path != COMMAND_LINE
        }

    def payload(self, *, resolved: bool = False) -> dict[str, Any]:
        """Return the tree as JSON can hold it, in crossplane's shape, with columns.

        `resolved`: and, in each block, with what holds there without being said.
        """
        files = [file for file in self.readings if file.path != COMMAND_LINE]
        return tree_of(files, self.main if resolved else None)


def load(
    path: str, *, prefix: str = "", directives: str = "", sources: Files | None = None
) -> Config:
    """Read the configuration that begins in a file.

    A relative path is taken from the prefix, and from the current folder where there
    is none. `directives` is further text for the main context (nginx -g). `sources` is
    where the files are read, None: on the disk. Raises ConfigErrors.
    """
    path = os.path.abspath(os.path.join(prefix, path))  # noqa: PTH100, PTH118 (links stay)
    with uncollected():
        parser = Parser(Findings(), os.path.dirname(path), sources)  # noqa: PTH120
        extra = _command_line(parser, directives)
        return _checked(parser, extra, parser.read_file(path), prefix or parser.folder)


def load_text(text: str, *, name: str = "<text>", prefix: str = "", directives: str = "") -> Config:
    """Read a configuration from text. Files are taken from the prefix, or the current folder."""
    folder = os.path.abspath(prefix or os.curdir)  # noqa: PTH100
    with uncollected():
        parser = Parser(Findings(), folder)
        extra = _command_line(parser, directives)
        return _checked(parser, extra, parser.read_text(text, name), folder)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector out of it: all that is made stays, and to look at it costs a quarter."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _command_line(parser: Parser, directives: str) -> list[Node]:
    if not directives:
        return []
    return parser.read_text(directives, COMMAND_LINE, blocks=False).nodes


def _checked(parser: Parser, extra: list[Node], file: File, prefix: str) -> Config:
    findings = parser.findings
    folders = Folders(os.path.abspath(prefix), parser.folder)  # noqa: PTH100
    checker = Checker(findings, folders)
    checker.check(extra)
    nodes = file.nodes
    if fragment.is_fragment(nodes):
        findings.add(0, _fragment_notice(file))
        nodes = fragment.complete(parser, nodes)
    checker.additions = https.additions(parser, nodes)
    checker.check(nodes)
    check_rules(checker)
    if not findings.fatal() and not checker.main.blocks("events"):
        findings.add(parser.tick(), missing_events())
    problems = findings.problems()
    if findings.fatal():
        raise ConfigErrors(problems)
    files = tuple(dict.fromkeys(each.path for each in parser.files if each.path != COMMAND_LINE))
    checker.main.complete()
    http = next(iter(checker.main.blocks(HTTP)), None)
    return Config(
        file.path, folders.prefix, checker.main, http, problems, files, tuple(parser.files)
    )


def _fragment_notice(file: File) -> Problem:
    message = "no http block: this is a fragment, read as if it stood in one"
    first = file.nodes[0].words[0]
    return file.problem(Severity.NOTICE, message, first)
