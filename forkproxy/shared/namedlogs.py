"""Logs whose names are known when a line is written: with variables in them.

A client may decide on the name, so files do not simply stay open. Without a cache each line opens
its file and closes it. With one (open_log_file_cache) so many stay open, those used last.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from forkproxy import clock
from forkproxy.config.directives.log import LogFileCache
from forkproxy.shared.errorlog import log
from forkproxy.shared.logfile import LogError, LogFile, files

COMPLAIN_AGAIN = 60.0  # seconds until one more file that cannot be opened is worth a line


@dataclass(slots=True)
class _Entry:
    used_at: float = 0.0
    uses: int = 0
    file: LogFile | None = None
    looked_at: float = 0.0


class NamedLogs:
    """The files of one open_log_file_cache, or of none."""

    def __init__(
        self, folder: str, cache: LogFileCache | None, now: Callable[[], float] = clock.monotonic
    ) -> None:
        self._now = now
        self._folder = os.fsencode(folder)
        self._cache = cache
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()  # the one used last is last
        self._complained_at = -COMPLAIN_AGAIN

    def write(self, name: bytes, line: bytes) -> None:
        """Append a line to the file of a name; it is lost where that cannot be opened."""
        path = os.path.join(self._folder, name)  # noqa: PTH118 (octets)
        if self._cache is None:
            file = self._opened(path)
            if file is not None:
                file.write(line)
                files.close(file)
            return
        now = self._now()
        self._expire(now, self._cache)
        entry = self._entry(path, now, self._cache)
        if entry.file is None:
            return
        entry.file.write(line)
        if entry.uses < self._cache.min_uses:
            _give_back(entry)

    def _entry(self, path: bytes, now: float, cache: LogFileCache) -> _Entry:
        """Return what is known of a file, open; without one where it cannot be opened."""
        entry = self._entries.get(path) or _Entry()
        if entry.file is not None and now >= entry.looked_at + cache.valid:
            entry.looked_at = now
            if not _same(path, entry.file):
                _give_back(entry)
        if entry.file is None:
            entry.file = self._opened(path)
            entry.looked_at = now
            if entry.file is None:
                self._entries.pop(path, None)  # what is not there takes nobody's place
                return entry
        if path not in self._entries:
            if len(self._entries) >= cache.most:
                self._forget(next(iter(self._entries)))
            self._entries[path] = entry
        self._entries.move_to_end(path)
        entry.used_at = now
        entry.uses += 1
        return entry

    def _expire(self, now: float, cache: LogFileCache) -> None:
        while self._entries:
            path, entry = next(iter(self._entries.items()))
            if now < entry.used_at + cache.inactive:
                return
            self._forget(path)

    def _forget(self, path: bytes) -> None:
        _give_back(self._entries.pop(path))

    def _opened(self, path: bytes) -> LogFile | None:
        try:
            return files.open(os.fsdecode(path))
        except (LogError, ValueError) as error:
            now = self._now()
            if now >= self._complained_at + COMPLAIN_AGAIN:
                self._complained_at = now
                log.error(str(error))
            return None


def _give_back(entry: _Entry) -> None:
    if entry.file is not None:
        files.close(entry.file)
        entry.file = None


def _same(path: bytes, file: LogFile) -> bool:
    try:
        return Path(os.fsdecode(path)).stat().st_ino == os.fstat(file.fileno()).st_ino
    except OSError:
        return False
