"""What processes expect of what they are given: the generation and the acceptor.

The real ones are build.Generation and downstream.acceptor.Acceptor.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from forkproxy.acme.managed import Managed
from forkproxy.config.directives.keyval import KeyvalZone as KeyvalSettings
from forkproxy.config.directives.upstream import UpstreamZone
from forkproxy.config.load import Config
from forkproxy.config.settings import ListenAddress, ProcessSettings
from forkproxy.net.tls_certificate import Certificate
from forkproxy.shared.cells import Cells
from forkproxy.shared.errorlog import SyslogTarget, Target
from forkproxy.shared.keyval import Keyval
from forkproxy.shared.tally import Tally
from forkproxy.upstream.upstream import Upstream

Sockets = Mapping[str, Sequence[socket.socket]]  # by the listener's text


class KeyvalZone(Protocol):
    """A keyval_zone; the table in it is set by the master."""

    table: Keyval

    @property
    def settings(self) -> KeyvalSettings: ...


class Generation(Protocol):
    """All that one load of the configuration made."""

    @property
    def number(self) -> int: ...
    @property
    def config(self) -> Config: ...
    @property
    def settings(self) -> ProcessSettings: ...
    @property
    def listens(self) -> tuple[ListenAddress, ...]: ...
    @property
    def workers(self) -> int: ...
    @property
    def upstreams(self) -> tuple[Upstream, ...]: ...
    @property
    def zones(self) -> Mapping[str, UpstreamZone]:
        """What the `upstream` blocks say of themselves, by name."""

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """What is counted by name."""

    @property
    def certificates(self) -> Sequence[Certificate]:
        """What is shown in handshakes, of all servers."""

    @property
    def managed(self) -> Sequence[Managed]:
        """The certificates that the keeper looks after."""

    @property
    def limits(self) -> Mapping[str, list[Any]]:
        """The lines of limit_req, by zone."""

    @property
    def keyvals(self) -> Mapping[str, KeyvalZone]: ...
    @property
    def targets(self) -> tuple[Target | SyslogTarget, ...]:
        """Where the errors of the main context go, open."""

    @property
    def state_path(self) -> str:
        """The folder of what outlives a restart; "" for none."""

    def texts(self) -> Mapping[str, str]:
        """Return what the files of its configuration said, by their paths."""

    def close(self) -> None:
        """Let go of what was opened for it, in the master, once nobody runs it."""


class Acceptor(Protocol):
    """The client's side of a worker."""

    def start(self) -> None:
        """Accept from now on."""

    def stop_accepting(self) -> None:
        """Accept no more; what is open stays."""

    def drain(self, grace: float) -> None:
        """Answer with `Connection: close` from now on, and close who idles in `grace` seconds."""

    def connections(self) -> int:
        """Return how many connections are open, tunnels included."""

    def finished(self) -> bool:
        """Tell whether the last connection is gone."""

    def close_all(self) -> None:
        """Close every connection, now."""

    def adopt(self, text: str, sock: socket.socket) -> None:
        """Accept from one more socket of the listener `text`."""

    def release(self, text: str, sock: socket.socket) -> None:
        """Accept from it no more. The caller closes it."""


MakeAcceptor = Callable[[Generation, Sockets, Cells], Acceptor]
