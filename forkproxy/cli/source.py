"""Where a configuration comes from: a file, or a text that a command wrote.

Either can be loaded again and again, which is what a reload does.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from forkproxy.config.load import Config, load, load_text
from forkproxy.config.parser import Parser, flat
from forkproxy.config.problems import Findings
from forkproxy.config.reading import Files

# In the order of the search; the first two are of the working directory.
_WHEREABOUTS = ("pid", "control_socket")
SEARCHED = ("forkproxy.conf", "nginx.conf", "/etc/forkproxy/forkproxy.conf")


class Source(Protocol):
    """Anything to load a configuration from."""

    def load(self, files: Files | None = None) -> Config:
        """Read and check the configuration, from the disk or from `files`. Raises ConfigErrors."""


@dataclass(frozen=True, slots=True)
class File:
    """A configuration file."""

    path: str
    prefix: str = ""  # "" is the folder of the file
    directives: str = ""  # of the main context, beside those of the file

    def load(self, files: Files | None = None) -> Config:
        prefix, directives = self.prefix, self.directives
        return load(self.path, prefix=prefix, directives=directives, sources=files)

    def outline(self) -> Config:
        """Read no more of a file with mistakes than where its master is found."""
        file = Parser(Findings(), str(Path(self.path).parent)).read_file(self.path)
        lines = [node for node in flat(file.nodes) if node.name in _WHEREABOUTS]
        words = (" ".join(f'"{word}"' for word in node.args) for node in lines)
        text = "".join(f"{node.name} {args};" for node, args in zip(lines, words, strict=True))
        prefix = self.prefix or str(Path(self.path).parent)
        return load_text(f"{text} events {{ }}", name=self.path, prefix=prefix)


@dataclass(frozen=True, slots=True)
class Text:
    """A configuration that a command wrote."""

    name: str  # for messages
    text: str
    prefix: str

    def load(self, files: Files | None = None) -> Config:
        return load_text(self.text, name=self.name, prefix=self.prefix)


@dataclass(frozen=True, slots=True)
class AtTerminal:
    """A file whose errors go to the terminal, unless it says itself where they go."""

    file: File

    def load(self, files: Files | None = None) -> Config:
        config = self.file.load(files)
        if config.main.given("error_log"):
            return config
        directives = f"{self.file.directives} error_log stderr;"
        return replace(self.file, directives=directives).load(files)


def find(options: argparse.Namespace) -> File | None:
    """Return the file that -c names, else the first that exists of those searched."""
    found = options.conf or next((path for path in SEARCHED if Path(path).is_file()), None)
    if found is None:
        return None
    # Absolute, since the running master reads it again from wherever it was told to work.
    path = Path(found).absolute()
    prefix = str(Path(options.prefix).absolute()) if options.prefix else ""
    return File(str(path), prefix, options.directives or "")


@contextlib.contextmanager
def workplace(prefix: str | None = None) -> Iterator[str]:
    """Yield a prefix for a configuration without a file: the one given, or a temporary folder."""
    if prefix:
        yield str(Path(prefix).absolute())
        return
    folder = tempfile.mkdtemp(prefix="forkproxy-")
    owner = os.getpid()
    Path(folder).chmod(0o711)  # workers may run as another user
    (Path(folder) / "logs").mkdir()
    try:
        yield folder
    finally:
        if os.getpid() == owner:  # a forked child that unwinds to here leaves it alone
            shutil.rmtree(folder, ignore_errors=True)
