"""What a generation has outside of its own memory: folders, log files, syslog servers."""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from pathlib import Path
from typing import Any

from forkproxy.config.address import Family
from forkproxy.config.directives.process import ErrorLog as GivenErrorLog
from forkproxy.config.scope import Scope
from forkproxy.config.settings import Account
from forkproxy.config.syslog import FACILITIES, Syslog
from forkproxy.errors import ConfigError
from forkproxy.net.dial import resolve_at_once
from forkproxy.shared.errorlog import NAMES, ErrorLog, SyslogTarget, Target
from forkproxy.shared.logfile import LogError, LogFile, files
from forkproxy.shared.syslog import SyslogServer


class Outside:
    """Makes what is missing, opens what is needed, each once.

    Attributes:
        logs: the files that are open, for whoever closes them.
    """

    def __init__(self, prefix: str, user: Account | None) -> None:
        """Folders belong to the user that the children run as; None: to us."""
        self.logs: list[LogFile] = []
        self._prefix = prefix
        self._user = user
        self._temp_paths: dict[str, str] = {}
        self._syslogs: dict[Syslog, SyslogServer] = {}
        self._error_logs: dict[tuple[GivenErrorLog, ...], ErrorLog] = {}

    # Folders.

    def below(self, name: str) -> str:
        """Return a path below the prefix."""
        return os.path.join(self._prefix, name)  # noqa: PTH118 (kept as the user writes it)

    def temp_path(self, given: tuple[str, ...], default: str) -> str:
        """Return a folder for temporary files, made where it is missing.

        nginx's levels are not used: our files have no names.
        """
        name = given[0] if given else default
        found = self._temp_paths.get(name)
        if found is None:
            found = self._temp_paths[name] = self._made_folder(name, needed=bool(given))
        return found

    def _made_folder(self, name: str, *, needed: bool) -> str:
        folder = Path(self.below(name))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if needed:
                reason = f"{error.errno}: {error.strerror}"
                raise ConfigError(f'mkdir() "{folder}" failed ({reason})') from error
            # The prefix is not ours to write in: the system's folder does as well.
            return tempfile.gettempdir()
        if self._user is not None:
            os.chown(folder, self._user.uid, -1)
        folder.chmod(0o700)
        return str(folder)

    def folder(self, path: str) -> None:
        """Make a folder that belongs to whom the children run as."""
        folder = Path(path)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._user is not None:
                os.chown(folder, self._user.uid, -1)
            folder.chmod(0o700)
        except OSError as error:
            reason = f"{error.errno}: {error.strerror}"
            raise ConfigError(f'mkdir() "{folder}" failed ({reason})') from error

    def state_path(self) -> str:
        """Return the folder of what outlives a restart, made and given to the keeper's user."""
        folder = Path(self.below("forkproxy.state"))
        with contextlib.suppress(OSError):  # the keeper says what it has to do without
            folder.mkdir(mode=0o700, exist_ok=True)
            if self._user is not None:
                os.chown(folder, self._user.uid, -1)
        return str(folder)

    # Logs.

    def log(self, path: str) -> LogFile:
        """Open a log file for the life of the generation. Raises ConfigError."""
        if os.path.dirname(path) == self.below("logs"):  # noqa: PTH120
            # Where logs go by default; a configuration alone in its folder shall start.
            with contextlib.suppress(OSError):
                Path(path).parent.mkdir()
        try:
            found = files.open(path)
        except LogError as error:
            raise ConfigError(str(error)) from error
        self.logs.append(found)
        return found

    def syslog(self, given: Syslog) -> SyslogServer:
        """Return the sender of lines to a syslog server. Raises ConfigError."""
        found = self._syslogs.get(given)
        if found is None:
            host = socket.gethostname().lower() if given.hostname else ""
            facility = FACILITIES.index(given.facility)
            where = self._syslog_address(given)
            found = self._syslogs[given] = SyslogServer(where, facility, given.tag, host)
        return found

    def _syslog_address(self, given: Syslog) -> str | tuple[str, int]:
        address = given.server
        if address.family is Family.UNIX:
            return self.below(address.path)
        try:
            found = resolve_at_once(address.host, address.port)
        except OSError as error:
            message = f'host not found in syslog server "{address.host}"'
            raise ConfigError(message) from error
        host, _, port = found[0].text.decode().rpartition(":")
        return host.strip("[]"), int(port)

    def error_log(self, scope: Scope) -> ErrorLog:
        """Return where errors go in a scope; the same for the same lines."""
        given = tuple(line.value for line in scope.lines("error_log"))
        found = self._error_logs.get(given)
        if found is None:
            found = self._error_logs[given] = ErrorLog()
            targets = given or (GivenErrorLog(self.below("logs/error.log")),)
            found.send_to([self._target(target) for target in targets])
        return found

    def _target(self, given: GivenErrorLog) -> Target | SyslogTarget:
        if given.syslog is not None:
            return SyslogTarget(self.syslog(given.syslog), NAMES[given.level])
        file = self.log(given.path) if given.path else LogFile("", 2)
        return Target(file, NAMES[given.level])


class Paper(Outside):
    """The same on paper: nothing is made, opened or asked for."""

    def __init__(self, prefix: str, user: Account | None, heard: Any) -> None:
        """`heard` is the error log of every scope."""
        super().__init__(prefix, user)
        self._heard = heard

    def log(self, path: str) -> LogFile:
        return LogFile(path, -1)

    def _syslog_address(self, given: Syslog) -> str | tuple[str, int]:
        return given.server.text

    def _made_folder(self, name: str, *, needed: bool) -> str:
        return self.below(name)

    def folder(self, path: str) -> None:
        pass

    def error_log(self, scope: Scope) -> ErrorLog:
        log: ErrorLog = self._heard
        return log
