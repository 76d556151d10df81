"""What is wrong with a configuration, where, and what to write instead.

The message keeps nginx's wording, because scripts and people search for it; the
column, the hint and the chain of includes are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from forkproxy.errors import ConfigError

COMMAND_LINE = "command line"  # what nginx calls the text of -g


class Severity(Enum):
    """nginx's levels, those that a check uses."""

    EMERG = "emerg"  # the configuration cannot be used
    WARN = "warn"
    NOTICE = "notice"


class Position(NamedTuple):
    """A place in a file. Lines and columns count from 1, columns in characters."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    `line` is the line that nginx names: where the directive ends, which is not
    always where the mistake is. 0 where nginx names none.
    """

    severity: Severity
    message: str
    at: Position | None = None
    line: int = 0
    width: int = 1  # characters under the caret
    excerpt: str = ""  # the line of the file
    hint: str = ""
    chain: tuple[Position, ...] = ()  # the include directives that led here, nearest first
    accepted: bool = False  # a directive that was taken and changes nothing

    def headline(self) -> str:
        """Return the line that nginx would print."""
        return f"nginx: [{self.severity.value}] {self.said()}"

    def said(self) -> str:
        """Return what nginx would say, and where."""
        place = f" in {self.at.path}:{self.line}" if self.at and self.line else ""
        if self.at and self.at.path == COMMAND_LINE:
            place = f" in {COMMAND_LINE}"
        return f"{self.message}{place}"


class ConfigErrors(ConfigError):  # noqa: N818 (it is many)
    """A configuration that cannot be used, with everything that is wrong with it.

    Attributes:
        problems: errors, warnings and notices, in the order nginx would meet them.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = next(problem for problem in self.problems if problem.severity is Severity.EMERG)
        super().__init__(
            first.message,
            path=first.at.path if first.at else None,
            line=first.at.line if first.at else 0,
            column=first.at.column if first.at else 0,
            hint=first.hint,
        )


class Findings:
    """The problems of one load, put into the order in which nginx would meet them.

    nginx reads, checks and acts in one pass; we read first and check then. The
    order numbers that the parser gives to directives and to ends of blocks bring
    the two to the same first message.
    """

    def __init__(self) -> None:
        self._found: list[tuple[int, Problem]] = []

    def add(self, order: int, problem: Problem) -> None:
        self._found.append((order, problem))

    def problems(self) -> tuple[Problem, ...]:
        return tuple(problem for _, problem in sorted(self._found, key=lambda item: item[0]))

    def errors(self) -> tuple[int, ...]:
        """Return the order numbers of the errors."""
        return tuple(order for order, problem in self._found if problem.severity is Severity.EMERG)

    def fatal(self) -> bool:
        return bool(self.errors())
