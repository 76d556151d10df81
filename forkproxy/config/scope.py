"""One level of a checked configuration, and what holds there.

The four ways in which nginx hands directives down are in `Row.inherit`, and are
followed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from forkproxy.config.directives import find
from forkproxy.config.parser import Node
from forkproxy.config.problems import Position
from forkproxy.config.row import Inherit, Row

_NAMELESS = ("if", "limit_except")  # blocks that are a part of their location


@dataclass(slots=True, eq=False)
class Directive:
    """One directive that was checked. Nobody changes it.

    `value` is what its row's parser made of it; the row's family file has its type.
    """

    name: str
    words: tuple[str, ...]  # the arguments, without quotes
    value: Any
    at: Position
    level: Scope
    row: Row | None = None  # None for the bare lines of a block such as types
    node: Node | None = None  # where it stands in the tree


@dataclass(frozen=True, slots=True)
class Folders:
    """What relative names are relative to."""

    prefix: str  # files that the directives name
    conf: str  # include


class _Handed:
    """What a level hands down to blocks of one kind, whatever is between, of what it gives itself.

    A build asks a million times, and ten thousand servers say the same.
    """

    __slots__ = ("lines", "values")

    def __init__(self) -> None:
        self.lines: dict[str, tuple[Directive, ...]] = {}
        self.values: dict[str, Any] = {}


class Scope:
    """A block: main, events, http, upstream, server, location, if.

    Attributes:
        kind: the name of the block's directive, or "main".
        context: the place it makes for directives: the kind, but "server if" and "location if".
        words: the arguments of the block's directive.
        subject: what these mean: a LocationPath, a Condition, the name of an upstream.
        parent: the level around it; None for main.
    """

    def __init__(
        self,
        kind: str,
        *,
        folders: Folders,
        parent: Scope | None = None,
        context: str = "",
        words: tuple[str, ...] = (),
        subject: Any = None,
        node: Node | None = None,
    ) -> None:
        self.kind = kind
        self.context = context or kind
        self.words = words
        self.subject = subject
        self.parent = parent
        self.node = node
        self.at = node.at if node else Position("", 0, 0)
        self.folders = folders
        self._own: dict[str, list[Directive]] = {}
        self._inner: list[Scope] = []
        self._named: dict[tuple[str, str], Directive] = {}
        self._statements: list[Directive | Scope] = []
        self._main: Scope = self if parent is None else parent._main
        self._complete = False
        self._hands: dict[str, _Handed] = {}  # by the context of who is handed

    def __repr__(self) -> str:
        return f"<{' '.join((self.kind, *self.words))} at {self.at}>"

    @property
    def prefix(self) -> str:
        return self.folders.prefix

    def add(self, statement: Directive | Scope) -> None:
        """Append a directive or a block. Only the checker does."""
        self._statements.append(statement)
        if isinstance(statement, Directive):
            self._own.setdefault(statement.name, []).append(statement)
            called = getattr(statement.value, "name", None)
            if called is not None:
                self._named.setdefault((statement.name, called), statement)
        else:
            self._inner.append(statement)

    def complete(self) -> None:
        """Say of the main level that nothing will be added: what is handed down is remembered."""
        self._complete = True

    def _handed(self, name: str) -> _Handed:
        """Return what the nearest level around that gives a directive hands to such as this."""
        level = self
        while level.parent is not None:
            level = level.parent
            if name in level._own:
                break
        found = level._hands.get(self.context)
        if found is None:
            found = level._hands[self.context] = _Handed()
        return found

    def value(self, name: str) -> Any:
        """Return what a directive of one value says here, by inheritance or by default."""
        if name in self._own:
            return self._value(name, self._row(name))
        handed = self._handed(name).values
        if name in handed:
            return handed[name]
        row = self._row(name)
        found = self._value(name, row)
        hangs = row.derive is not None or row.preset is not None
        if not hangs and self._is_handed(row):
            handed[name] = found
        return found

    def _is_handed(self, row: Row) -> bool:
        """Whether the levels between make no difference, and nothing will be added."""
        return not row.together and row.inherit is not Inherit.HERE and self._main._complete

    def _value(self, name: str, row: Row) -> Any:
        lines = self._lines(name, row)
        if len(lines) > 1 and isinstance(lines[-1].value, frozenset):
            return lines[-1].value.union(*(line.value for line in lines))  # words add up
        if lines:
            return lines[-1].value
        return self._default(row)

    def default(self, name: str) -> Any:
        """Return what a directive of one value says where nobody gave it."""
        return self._default(self._row(name))

    def _default(self, row: Row) -> Any:
        if row.derive is not None:
            return row.derive(self)
        if row.preset is not None and self.value("proxy_preset") == "modern":
            return row.preset
        if row.modern is not None and self._modern():
            return row.modern
        return row.default

    def given(self, name: str) -> Directive | None:
        """Return the directive that holds here, or None where nobody gave it."""
        lines = self.lines(name)
        return lines[-1] if lines else None

    def lines(self, name: str) -> tuple[Directive, ...]:
        """Return all lines of a directive that hold here, in file order."""
        if name in self._own:
            return self._lines(name, self._row(name))
        handed = self._handed(name).lines
        if name in handed:
            return handed[name]
        row = self._row(name)
        found = self._lines(name, row)
        if self._is_handed(row):
            handed[name] = found
        return found

    def _lines(self, name: str, row: Row) -> tuple[Directive, ...]:
        """Return the lines of the nearest level that gives one."""
        level: Scope | None = self
        while level is not None:
            own = level._own.get(name)
            if own and (found := tuple([line for line in own if line.row is row])):
                return found
            if row.together and not level._own.keys().isdisjoint(row.together):
                return ()
            if row.inherit is Inherit.HERE and not (row.handler and level.kind in _NAMELESS):
                return ()
            level = level.parent
        return ()

    def together(self, *names: str) -> tuple[Directive, ...]:
        """Return the lines of directives that are one list (allow, deny), in file order."""
        for level in self.levels():
            found = [line for name in names for line in level._own.get(name, ())]
            if found:
                return tuple(sorted(found, key=lambda line: line.node.order if line.node else 0))
        return ()

    def nearest(self, *names: str) -> Directive | None:
        """Return the one of several directives that the nearest level gives (root, alias)."""
        level: Scope | None = self
        while level is not None:
            for name in names:
                if own := level._own.get(name):
                    return own[-1]
            level = level.parent
        return None

    def named(self, name: str, called: str) -> Directive | None:
        """Return the line of this level whose value has a name: a log_format, by its own."""
        return self._named.get((name, called))

    def owns_any(self, names: frozenset[str]) -> bool:
        """Tell whether this very level gives any of some directives."""
        return not names.isdisjoint(self._own)

    def own(self, name: str) -> tuple[Directive, ...]:
        """Return the lines of a directive at this very level."""
        return tuple(self._own.get(name, ()))

    def blocks(self, *kinds: str) -> tuple[Scope, ...]:
        """Return the blocks in this one, all or those of some kinds, in file order."""
        if not kinds or not self._inner:
            return tuple(self._inner)
        return tuple([block for block in self._inner if block.kind in kinds])

    def statements(self) -> tuple[Directive | Scope, ...]:
        """Return directives and blocks of this level in file order."""
        return tuple(self._statements)

    def levels(self) -> Iterator[Scope]:
        """Yield this level, then those around it, outwards."""
        level: Scope | None = self
        while level is not None:
            yield level
            level = level.parent

    def enclosing(self, kind: str) -> Scope | None:
        """Return the nearest level of a kind, this one included."""
        return next((level for level in self.levels() if level.kind == kind), None)

    def _row(self, name: str) -> Row:
        level: Scope | None = self
        while level is not None:
            row = find(name, level.context)
            if row is not None:
                return row
            level = level.parent
        raise KeyError(f'no directive "{name}" for {self.context}')

    def _modern(self) -> bool:
        *_, main = self.levels()
        profile = main.own("forkproxy_profile")
        return bool(profile) and profile[-1].value == "modern"
