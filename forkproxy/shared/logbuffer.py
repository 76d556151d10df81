"""Lines of a log that are held back: until there are enough, or for some time, perhaps compressed.

What is not written yet is lost when the process dies. It is written when the process ends, and
before the file is another one.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from forkproxy.shared.logfile import LogFile

Later = Callable[[float, Callable[[], None]], None]


class LogBuffer:
    """Lines on their way to a file.

    `later(seconds, function)` calls a function in that time; it is asked when the first line comes,
    where `flush_after` is given.
    """

    def __init__(
        self, file: LogFile, size: int, flush_after: float | None, level: int, later: Later
    ) -> None:
        self._file = file
        self._size = size
        self._flush_after = flush_after
        self._level = level  # of gzip; 0: not compressed
        self._later = later
        self._lines: list[bytes] = []
        self._held = 0  # octets
        self._round = 0  # counts the flushes: a timer of an earlier one has nothing to do
        file.buffers.append(self)

    def write(self, line: bytes) -> None:
        """Append a line, its newline included."""
        if self._held and self._held + len(line) > self._size:
            self.flush()
        if not self._held and self._flush_after is not None:
            number = self._round
            self._later(self._flush_after, lambda: self._flush_round(number))
        self._lines.append(line)
        self._held += len(line)
        if self._held >= self._size:
            self.flush()

    def _flush_round(self, number: int) -> None:
        if number == self._round:
            self.flush()

    def flush(self) -> None:
        """Pass on what is held."""
        if not self._lines:
            return
        block = b"".join(self._lines)
        self._lines, self._held = [], 0
        self._round += 1
        if self._level:
            block = gzip.compress(block, self._level)
        self._file.write(block)
        self._file.flush()
