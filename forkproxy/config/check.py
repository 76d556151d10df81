"""The tree against the table: from nodes to levels of checked directives.

Whatever is wrong with one directive is said here: its name, its place, the number of
its arguments, its value. What is wrong between directives is in rules.py.
"""

from __future__ import annotations

from typing import NamedTuple

from forkproxy.config.directives import TABLE, find, near
from forkproxy.config.parser import Node, flat
from forkproxy.config.problems import Findings, Severity
from forkproxy.config.row import MAIN, Arguments, Invalid, Row, Tier
from forkproxy.config.scope import Directive, Folders, Scope

_BOM = "\ufeff"
_MOST_GUESSES = 100  # at what an unknown directive was meant to be: each takes a millisecond


class Use(NamedTuple):
    """A variable, where it is used."""

    name: str
    node: Node
    word: int


class Checker:
    """Checks one configuration.

    Attributes:
        used: the variables that are used, in file order.
        defined: the names that directives give to variables.
        additions: what blocks have besides what stands in them, by the ids of their nodes.
    """

    def __init__(self, findings: Findings, folders: Folders) -> None:
        self.findings = findings
        self.main = Scope(MAIN, folders=folders)
        self.used: list[Use] = []
        self.defined: set[str] = set()
        self.additions: dict[int, list[Node]] = {}
        self._guesses = 0

    def check(self, nodes: list[Node], level: Scope | None = None) -> None:
        """Check directives and put them into a level, the main one unless another is given."""
        for node in flat(nodes):
            # The parser has said what is wrong with a block that has no words.
            if node.name or node.words[0].quoted:
                self._directive(node, level or self.main)

    def _directive(self, node: Node, level: Scope) -> None:
        if node.name == "include":  # one that the parser did not follow
            self.complain(node, 'directive "include" is not terminated by ";"')
            return
        row = find(node.name, level.context)
        if row is None:
            self._misplaced(node, level)
        elif row.tier is Tier.REFUSED:
            self._refused(node, row)
        elif self._well_formed(node, row, level):
            self._value(node, row, level)

    def _misplaced(self, node: Node, level: Scope) -> None:
        name = node.name
        rows = TABLE.get(name)
        if rows is not None:
            hint = f'"{name}" stands in: {_places(rows)}'
            self.complain(node, f'"{name}" directive is not allowed here', hint=hint)
            return
        self._guesses += 1
        meant = near(name, level.context) if self._guesses <= _MOST_GUESSES else ""
        hint = f'did you mean "{meant}"?' if meant else ""
        if meant and find(meant, level.context) is None:
            hint += f" It stands in: {_places(TABLE[meant])}"
        if name.startswith(_BOM):
            hint = "the file begins with a byte order mark: save it without"
        self.complain(node, f'unknown directive "{name}"', hint=hint)

    def _refused(self, node: Node, row: Row) -> None:
        # Their variables count as defined, so that one refusal is one error.
        self.defined.update(word[1:].lower() for word in node.args if word.startswith("$"))
        if row.off and node.args == (row.off,):
            return
        message = f'"{row.name}" is not supported by this version of forkproxy'
        hint = "; ".join(text for text in (row.reason, row.instead) if text)
        self.complain(node, message, hint=hint)

    def _well_formed(self, node: Node, row: Row, level: Scope) -> bool:
        if row.block and node.block is None:
            self.complain(node, f'directive "{row.name}" has no opening "{{"')
            return False
        if node.block is not None and not row.block:
            hint = ""
            if any("$" in word.text or "^" in word.text for word in node.words):
                hint = 'a "{" inside a word ends the word: put the word in quotes'
            message = f'directive "{row.name}" is not terminated by ";"'
            self.complain(node, message, hint=hint)
            return False
        count = len(node.words) - 1
        if count < row.least or (row.most is not None and count > row.most):
            message = f'invalid number of arguments in "{row.name}" directive'
            hint = _lost_semicolon(node) or _usage(row)
            self.complain(node, message, word=min(count, row.most or 0) if count else 0, hint=hint)
            return False
        if not row.repeat and _given(row, level):
            self.complain(node, f'"{row.name}" directive is duplicate')
            return False
        return True

    def _value(self, node: Node, row: Row, level: Scope) -> None:
        args = _arguments(node, level)
        value = row.stand_in
        try:
            value = row.parse(args)
        except Invalid as error:
            hint = error.hint or _lost_semicolon(node)
            self.complain(node, error.reason, word=error.word, hint=hint)
            if not row.block:
                return
        if row.inside:
            self._note(node, args)
            self._block(node, row, args, value)
            return
        if row.close is not None:
            value = self._lines(node, row, args)
        self._note(node, args)
        if row.tier is Tier.ACCEPTED:
            message = f'"{row.name}" is accepted without effect'
            self.complain(node, message, severity=Severity.NOTICE, accepted=True)
        level.add(_directive(node, args, value, row))

    def _block(self, node: Node, row: Row, args: Arguments, subject: object) -> None:
        level = args.level
        inner = Scope(
            row.name,
            folders=level.folders,
            parent=level,
            context=row.inside,
            words=args.words,
            subject=subject,
            node=node,
        )
        level.add(inner)
        self.check([*(node.block or []), *self.additions.get(id(node), ())], inner)

    def _lines(self, node: Node, row: Row, heading: Arguments) -> object:
        """Check the bare lines of a block and return what they come to."""
        assert row.line is not None
        assert row.close is not None
        found: list[Directive] = []
        seen: set[str] = set()
        for each in flat(node.block or []):
            if each.block is not None:
                self.complain(each, 'unexpected "{"')
                continue
            args = _arguments(each, heading.level)
            try:
                value = row.line(args, seen)
            except Invalid as error:
                hint = error.hint or _lost_semicolon(each)
                self.complain(each, error.reason, word=error.word, hint=hint)
                continue
            self._note(each, args)
            found.append(_directive(each, args, value, None))
        try:
            return row.close(heading, tuple(found))
        except Invalid:
            return None  # what is wrong with the heading was said when it was read

    def _note(self, node: Node, args: Arguments) -> None:
        """Keep what the arguments brought up beside their value."""
        if args.used:
            self.used.extend(Use(name, node, word) for name, word in args.used)
        if args.defined:
            self.defined.update(args.defined)
        for message, word in args.warnings:
            self.complain(node, message, word=word, severity=Severity.WARN)
        args.used.clear()
        args.warnings.clear()

    def complain(
        self,
        node: Node,
        message: str,
        *,
        word: int = 0,
        severity: Severity = Severity.EMERG,
        hint: str = "",
        order: int = 0,
        accepted: bool = False,
    ) -> None:
        """Report a problem with a directive, or with one of its words."""
        token = node.words[min(word, len(node.words) - 1)]
        problem = node.file.problem(
            severity, message, token, line=node.line, hint=hint, accepted=accepted
        )
        self.findings.add(order or node.order, problem)


def _arguments(node: Node, level: Scope) -> Arguments:
    quoted = tuple([word.quoted for word in node.words[1:]])
    return Arguments(node.name, node.args, quoted, level)


def _directive(node: Node, args: Arguments, value: object, row: Row | None) -> Directive:
    return Directive(args.name, args.words, value, node.at, args.level, row, node)


def _given(row: Row, level: Scope) -> bool:
    if row.inside:
        return bool(level.blocks(row.name))
    return any(line.row is row for line in level.own(row.name))


def _places(rows: tuple[Row, ...]) -> str:
    return ", ".join(sorted({place for row in rows for place in row.contexts}))


def _usage(row: Row) -> str:
    if row.most == 0:
        return "it takes none"
    if row.least == row.most:
        return f"it takes {row.least}"
    return (
        f"it takes {row.least} or more"
        if row.most is None
        else f"it takes {row.least} to {row.most}"
    )


def _lost_semicolon(node: Node) -> str:
    """Say so, where a later line of a directive begins with the name of another."""
    for before, word in zip(node.words, node.words[1:], strict=False):
        if word.line > before.line and not word.quoted and word.text in TABLE:
            return f'";" is missing after "{before.text}" of line {before.line}'
    return ""
