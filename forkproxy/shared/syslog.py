"""Lines to a syslog server, in the form of RFC 3164 §4.1, as nginx sends them.

Each line is one datagram, to a UDP port or a Unix socket. Nobody waits for it: what the socket does
not take at once is dropped and counted. The socket is opened with the first line.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from datetime import datetime

from forkproxy import clock

# English whatever the locale.
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


class SyslogServer:
    """One server, as one log names it.

    `where` is a path, or a numeric address and port. Attributes:
        dropped: lines that it was not given.
    """

    def __init__(
        self,
        where: str | tuple[str, int],
        facility: int,
        tag: str,
        host: str = "",
        wall: Callable[[], float] = clock.wall,
    ) -> None:
        self._wall = wall
        self.dropped = 0
        self._where = where
        self._facility = facility
        self._host = f" {host}" if host else ""
        self._tag = tag
        self._socket: socket.socket | None = None
        self._second = -1
        self._front = b""  # of this second's lines, behind their priority

    def send(self, severity: int, line: bytes) -> None:
        """Send a line, without the newline at its end; a severity of 0 is the worst."""
        second = int(self._wall())
        if second != self._second:
            self._second = second
            self._front = self._made_front(second)
        message = b"<%d>%b%b" % (self._facility * 8 + severity, self._front, line.rstrip(b"\n"))
        # A server that went and came back is told by the error of the second line after.
        if not (self._sent(message) or self._sent(message)):
            self.dropped += 1

    def _sent(self, message: bytes) -> bool:
        """Tell whether there is nothing more to try."""
        try:
            if self._socket is None:
                self._socket = self._connected()
            self._socket.send(message, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except BlockingIOError:
            self.dropped += 1  # it is full: a second try would find it so
        except OSError:
            self.close()
            return False
        return True

    def _connected(self) -> socket.socket:
        family = socket.AF_UNIX
        if not isinstance(self._where, str):
            family = socket.AF_INET6 if ":" in self._where[0] else socket.AF_INET
        made = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            made.setblocking(False)
            made.connect(self._where)
        except OSError:
            made.close()
            raise
        return made

    def _made_front(self, second: int) -> bytes:
        now = datetime.fromtimestamp(second)
        month = _MONTHS[3 * now.month - 3 : 3 * now.month]
        date = f"{month} {now.day:2d} {now:%H:%M:%S}"
        return f"{date}{self._host} {self._tag}: ".encode()

    def close(self) -> None:
        """Close the socket; the next line opens it anew."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None


class SyslogLines:
    """What an access log writes to: lines of one severity."""

    def __init__(self, server: SyslogServer, severity: int) -> None:
        self._server = server
        self._severity = severity

    def write(self, line: bytes) -> None:
        """Send a line."""
        self._server.send(self._severity, line)
