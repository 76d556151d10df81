"""What a check found, for people and for editors.

Each problem begins with the line that nginx would print, so that scripts which look
for it find it; then comes what nginx does not say: the column, the line of the file
with the place marked, a hint, and through which includes the file was reached.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forkproxy.config.load import load
from forkproxy.config.parser import decode
from forkproxy.config.problems import ConfigErrors, Position, Problem, Severity
from forkproxy.errors import ConfigError

_WIDEST = 100  # characters of a line that are shown
_BEFORE = 40  # of which so many before the place, in a longer line


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a check: 0 where the configuration can be used, 1 where it cannot."""

    exit_code: int
    text: str
    json: dict[str, Any]


def check_file(
    path: str,
    prefix: str = "",
    directives: str = "",
    *,
    verbose: bool = False,
    first: bool = False,
) -> Report:
    """Check a configuration. With `verbose`, name also what is accepted without effect.

    With `first`, of several errors only the first is reported, as nginx does.
    """
    try:
        config = load(path, prefix=prefix, directives=directives)
    except ConfigErrors as errors:
        problems = _first(errors.problems) if first else errors.problems
        verdict = f"nginx: configuration file {path} test failed\n"
        text = render(problems, verbose=verbose) + verdict + summary(problems)
        return Report(1, text, as_json(path, problems))
    problems = config.notices
    verdict = (
        f"nginx: the configuration file {path} syntax is ok\n"
        f"nginx: configuration file {path} test is successful\n"
    )
    text = render(problems, verbose=verbose) + verdict + summary(problems)
    return Report(0, text, as_json(path, problems))


def problem_of(error: ConfigError) -> Problem:
    """Return as a finding what was wrong at a line of a file and no check could know."""
    at = Position(error.path or "", error.line, max(error.column, 1))
    excerpt = ""
    with contextlib.suppress(OSError, IndexError):
        excerpt = decode(Path(at.path).read_bytes()).splitlines()[at.line - 1]
    word = re.match(r"[^\s;{]*", excerpt[at.column - 1 :])
    width = len(word[0]) if word else 1
    return Problem(Severity.EMERG, error.reason, at, error.line, max(width, 1), excerpt, error.hint)


def _first(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the first error and what came before it."""
    wrong = (at for at, problem in enumerate(problems) if problem.severity is Severity.EMERG)
    return tuple(problems[: next(wrong) + 1])


def render(problems: Iterable[Problem], *, verbose: bool = False) -> str:
    """Return problems as text; those accepted without effect only if `verbose`."""
    return "".join(_entry(problem) for problem in problems if verbose or not problem.accepted)


def _entry(problem: Problem) -> str:
    lines = [problem.headline()]
    if problem.at is not None and problem.at.line:
        lines.append(f"  {problem.at}{_chain(problem.chain)}")
        lines += _excerpt(problem, problem.at)
    if problem.hint:
        lines.append(f"  hint: {problem.hint}")
    return "".join(_printable(line) + "\n" for line in lines)


def _chain(chain: Sequence[Position]) -> str:
    if not chain:
        return ""
    return f"   (included from {', from '.join(f'{at.path}:{at.line}' for at in chain)})"


def _excerpt(problem: Problem, at: Position) -> list[str]:
    """Return the line of the file, and a line that marks the place in it."""
    line, start = problem.excerpt.rstrip("\r"), at.column - 1
    cut = 0
    if len(line) > _WIDEST:
        cut = max(0, min(start - _BEFORE, len(line) - _WIDEST))
        line, start = line[cut : cut + _WIDEST], start - cut
    if not line.strip():
        return []
    # The mark stands below the place only if tabs before it are tabs here too.
    indent = "".join(octet if octet == "\t" else " " for octet in line[:start])
    mark = "^" * max(1, min(problem.width, len(line) - start))
    number = str(at.line)
    return [f" {number} | {line}", f" {' ' * len(number)} | {indent}{mark}"]


def summary(problems: Iterable[Problem]) -> str:
    """Return one line that counts, "" where there is nothing to count."""
    errors, warnings, accepted = _counts(problems)
    parts = []
    if errors:
        parts.append(_plural(errors, "error"))
    if warnings:
        parts.append(_plural(warnings, "warning"))
    if accepted:
        parts.append(f"{accepted} accepted without effect (forkproxy check -v)")
    return ", ".join(parts) + "\n" if parts else ""


def _counts(problems: Iterable[Problem]) -> tuple[int, int, int]:
    found = tuple(problems)
    return (
        sum(problem.severity is Severity.EMERG for problem in found),
        sum(problem.severity is Severity.WARN for problem in found),
        sum(problem.accepted for problem in found),
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _printable(line: str) -> str:
    """Return a line that a terminal can be given: nothing in it but what it shows."""
    return "".join(
        octet if octet.isprintable() or octet == "\t" else "\N{REPLACEMENT CHARACTER}"
        for octet in line
    )


def as_json(path: str, problems: Iterable[Problem]) -> dict[str, Any]:
    """Return the same for programs. Lines and columns count from 1; `end` is exclusive."""
    found = tuple(problems)
    errors, warnings, accepted = _counts(found)
    return {
        "file": path,
        "status": "failed" if errors else "ok",
        "errors": errors,
        "warnings": warnings,
        "accepted": accepted,
        "problems": [_json_entry(problem) for problem in found],
    }


def _json_entry(problem: Problem) -> dict[str, Any]:
    at = problem.at or Position("", 0, 0)
    return {
        "severity": problem.severity.value,
        "message": _printable(problem.message),
        "headline": _printable(problem.headline()),
        "file": _printable(at.path),
        "line": at.line,
        "column": at.column,
        "end": at.column + problem.width if at.column else 0,
        "hint": _printable(problem.hint),
        "accepted": problem.accepted,
        "included_from": [
            {"file": _printable(step.path), "line": step.line, "column": step.column}
            for step in problem.chain
        ],
    }
