"""From files to a tree of directives, include followed.

The tree says what stands where, and knows nothing of what a directive means. What
is wrong with the text goes to the findings, and reading goes on behind the next `;`
or `}`, so that one run finds all of it.
"""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from forkproxy.config.lexer import UNEXPECTED_END, Kind, Token, tokens
from forkproxy.config.problems import Findings, Position, Problem, Severity
from forkproxy.config.reading import Disk, Files

_GLOB_MARKS = frozenset("*?[")
# Beyond these is a mistake or an attack, not a configuration.
DEEPEST = 100  # blocks and included files in each other
MOST_FILES = 100_000  # readings: files that include two others twice would soon be beyond number


@dataclass(slots=True)
class Node:
    """One directive: its words, and what its braces hold.

    `order` and `closed` number the moments at which nginx would have met the end of
    the directive's words and the end of its block.
    """

    file: File
    words: tuple[Token, ...]
    line: int  # where its words end: the line that nginx names
    order: int
    block: list[Node] | None = None
    closed: int = 0
    closed_line: int = 0
    included: list[File] | None = None  # for an include: what it brought

    @property
    def name(self) -> str:
        return self.words[0].text

    @property
    def args(self) -> tuple[str, ...]:
        return tuple([word.text for word in self.words[1:]])

    @property
    def at(self) -> Position:
        return self.file.position(self.words[0])


@dataclass(slots=True)
class File:
    """One reading of one file. A file that is included twice is read twice."""

    path: str
    lines: list[str]
    chain: tuple[Position, ...] = ()  # the include directives that led here, nearest first
    nodes: list[Node] = field(default_factory=list)
    comments: list[Token] = field(default_factory=list)
    failed: bool = False

    def position(self, token: Token) -> Position:
        return Position(self.path, token.line, token.column)

    def problem(
        self,
        severity: Severity,
        message: str,
        token: Token,
        *,
        line: int = 0,
        hint: str = "",
        accepted: bool = False,
    ) -> Problem:
        """Return a problem at one token of this file, with what a report shows of it."""
        excerpt = self.lines[token.line - 1] if token.line <= len(self.lines) else ""
        width = max(1, min(token.width, len(excerpt) - token.column + 1))
        at = self.position(token)
        return Problem(
            severity, message, at, line, width, excerpt, hint, self.chain, accepted=accepted
        )


def decode(octets: bytes) -> str:
    """Return the text of a file; octets that are no UTF-8 survive the way back."""
    return octets.decode("utf-8", "surrogateescape")


def flat(nodes: list[Node]) -> Iterator[Node]:
    """Yield the directives of a block in the order nginx sees them: includes opened."""
    for node in nodes:
        if node.included is None:
            yield node
        for file in node.included or ():
            yield from flat(file.nodes)


class Parser:
    """Reads one configuration: the main file, and all that it includes.

    `folder` is the folder of the main file; nginx takes the names of included files
    relative to it, in whatever file the include stands.
    """

    def __init__(self, findings: Findings, folder: str, sources: Files | None = None) -> None:
        """`sources`: where files are read; None: on the disk."""
        self.findings = findings
        self.folder = folder
        self._sources: Files = sources if sources is not None else Disk()
        self.files: list[File] = []  # in the order of opening
        self._ticks = itertools.count(1)
        self._open: list[str] = []  # the files being read, outermost first
        self.depth = 0  # how many files and blocks are open

    def tick(self) -> int:
        """Return the next order number."""
        return next(self._ticks)

    def read_file(self, path: str) -> File:
        """Read the main file. One that cannot be read is a finding, not an exception."""
        try:
            octets = self._sources.read(path)
        except OSError as error:
            message = f'open() "{path}" failed ({_reason(error)})'
            self.findings.add(self.tick(), Problem(Severity.EMERG, message, Position(path, 0, 0)))
            return File(path, [], failed=True)
        return self.read_text(decode(octets), path)

    def read_text(
        self, text: str, path: str, chain: tuple[Position, ...] = (), *, blocks: bool = True
    ) -> File:
        """Read text as if it stood in a file of that name.

        `blocks` is False for the directives of the command line, where nginx takes none.
        """
        file = File(path, text.split("\n"), chain)
        self.files.append(file)
        self._open.append(path)
        before = self.depth
        self.depth += 1
        _FileParser(self, file, text, blocks=blocks).run()
        self.depth = before
        self._open.pop()
        return file

    def include(self, node: Node) -> None:
        """Read what an include directive names into the node."""
        node.included = []
        if len(node.words) != 2:
            message = 'invalid number of arguments in "include" directive'
            self._complain(node, message, node.words[0])
            return
        pattern = os.path.join(self.folder, node.words[1].text)  # noqa: PTH118 (kept as written)
        if not _GLOB_MARKS.intersection(pattern):
            self._include_one(node, pattern)
            return
        for path in self._sources.matching(pattern):
            self._include_one(node, path)

    def _include_one(self, node: Node, path: str) -> None:
        word = node.words[1]
        if path in self._open:
            hint = "a file cannot include itself, not through others either"
            self._complain(node, f'recursive include of "{path}"', word, hint=hint)
            return
        if self.depth >= DEEPEST:
            self._complain(node, f"files are included more than {DEEPEST} deep", word)
            return
        if len(self.files) >= MOST_FILES:
            if len(self.files) == MOST_FILES:
                self._complain(node, f"more than {MOST_FILES} files are included", word)
                self.files.append(File(path, [], failed=True))  # it is said once
            return
        try:
            octets = self._sources.read(path)
        except OSError as error:
            hint = "" if word.text.startswith("/") else f"names are relative to {self.folder}"
            self._complain(node, f'open() "{path}" failed ({_reason(error)})', word, hint=hint)
            return
        chain = (node.at, *node.file.chain)
        assert node.included is not None
        node.included.append(self.read_text(decode(octets), path, chain))

    def _complain(self, node: Node, message: str, token: Token, *, hint: str = "") -> None:
        problem = node.file.problem(Severity.EMERG, message, token, line=node.line, hint=hint)
        node.file.failed = True
        self.findings.add(node.order, problem)


class _FileParser:
    """The loop over the tokens of one file."""

    def __init__(self, parser: Parser, file: File, text: str, *, blocks: bool) -> None:
        self._parser = parser
        self._file = file
        self._tokens = tokens(text)
        self._blocks = blocks
        self._words: list[Token] = []
        self._stack: list[Node] = []  # the open blocks
        self._level = file.nodes

    def run(self) -> None:
        for token in self._tokens:
            if token.kind is Kind.WORD:
                self._words.append(token)
            elif token.kind is Kind.END:
                self._end(token)
            elif token.kind is Kind.OPEN:
                self._open(token)
            elif token.kind is Kind.CLOSE:
                self._close(token)
            elif token.kind is Kind.COMMENT:
                self._file.comments.append(token)
            elif token.kind is Kind.WRONG:
                self._wrong(token.text, token)
                if token.text == UNEXPECTED_END:
                    break  # what else is missing there follows from it
            else:
                self._finish(token)
        for depth, node in zip(
            itertools.count(self._parser.depth, -1), reversed(self._stack), strict=False
        ):
            if depth > DEEPEST:
                node.block = []
            node.closed = self._parser.tick()
            node.closed_line = token.line

    def _node(self, token: Token) -> Node:
        node = Node(self._file, tuple(self._words), token.line, self._parser.tick())
        self._words = []
        self._level.append(node)
        return node

    def _end(self, token: Token) -> None:
        if not self._words:
            self._wrong('unexpected ";"', token)
            return
        node = self._node(token)
        if node.name == "include":
            self._parser.include(node)

    def _open(self, token: Token) -> None:
        if not self._words:
            self._wrong('unexpected "{"', token)
            # Its words are lost; read the block all the same, to find its other end.
            self._words = [Token(Kind.WORD, "", token.line, token.column)]
        if not self._blocks:
            self._wrong("block directives are not supported in -g option", token)
        if self._parser.depth == DEEPEST:
            self._wrong(f"blocks are nested more than {DEEPEST} deep", token)
        node = self._node(token)
        node.block = []
        # What stands deeper is read, to find its end, but belongs to nothing.
        self._stack.append(node)
        self._parser.depth += 1
        self._level = node.block

    def _close(self, token: Token) -> None:
        if self._words:
            last = self._words[-1]
            self._wrong('unexpected "}"', token, hint=f'";" is missing after "{last.text}"')
            self._node(token)
        if not self._stack:
            self._wrong('unexpected "}"', token)
            return
        node = self._stack.pop()
        self._parser.depth -= 1
        if self._parser.depth >= DEEPEST:
            node.block = []
        node.closed = self._parser.tick()
        node.closed_line = token.line
        outer = self._stack[-1].block if self._stack else self._file.nodes
        assert outer is not None
        self._level = outer

    def _finish(self, token: Token) -> None:
        if self._words:
            expected = '";"' if not self._blocks else '";" or "}"'
            what = "end of file" if self._blocks else "end of parameter"
            last = self._words[-1]
            hint = f'";" is missing after "{last.text}"'
            self._wrong(f"unexpected {what}, expecting {expected}", token, hint=hint)
            self._node(token)
        elif self._stack:
            opened = self._stack[-1]
            hint = f'"{opened.name}" of line {opened.words[0].line} is not closed'
            self._wrong('unexpected end of file, expecting "}"', token, hint=hint)

    def _wrong(self, message: str, token: Token, *, hint: str = "") -> None:
        self._file.failed = True
        problem = self._file.problem(Severity.EMERG, message, token, line=token.line, hint=hint)
        self._parser.findings.add(self._parser.tick(), problem)


def _reason(error: OSError) -> str:
    code = error.errno or errno.EIO
    return f"{code}: {os.strerror(code)}"
