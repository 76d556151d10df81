"""Where the text of a configuration's files comes from: the disk, or what was read before."""

from __future__ import annotations

import errno
import fnmatch
import glob
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Files(Protocol):
    """Anything that the files of a configuration can be read from."""

    def read(self, path: str) -> bytes:
        """Return what is in a file. Raises OSError."""

    def matching(self, pattern: str) -> list[str]:
        """Return the paths that a pattern of the shell names, in nginx's order."""


class Disk:
    """The files as they are now."""

    def read(self, path: str) -> bytes:
        return Path(path).read_bytes()

    def matching(self, pattern: str) -> list[str]:
        return sorted(glob.glob(pattern), key=os.fsencode)  # noqa: PTH207 (as glob(3))


class Kept:
    """The files as they were, by their paths; there are no others."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def read(self, path: str) -> bytes:
        try:
            return self._texts[path].encode("utf-8", "surrogateescape")
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None

    def matching(self, pattern: str) -> list[str]:
        return sorted((path for path in self._texts if _fits(path, pattern)), key=os.fsencode)


def _fits(path: str, pattern: str) -> bool:
    """Tell whether a path is what a pattern names: no mark goes over a slash."""
    names, marks = path.split("/"), pattern.split("/")
    pairs = zip(names, marks, strict=False)
    return len(names) == len(marks) and all(fnmatch.fnmatchcase(*pair) for pair in pairs)
