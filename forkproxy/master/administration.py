"""What can be asked of the master, and who may ask: what both tongues and our commands stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from forkproxy.config.load import Config
from forkproxy.master.certificates import Certificate
from forkproxy.master.counted import Counted
from forkproxy.master.events import Command as Ask
from forkproxy.master.facts import Facts
from forkproxy.master.happenings import Happenings
from forkproxy.master.history import History
from forkproxy.master.keyvals import Keyvals
from forkproxy.master.reply import Reply
from forkproxy.master.roster import Roster
from forkproxy.master.transactions import Transactions


class Level(IntEnum):
    """What who is connected may do."""

    USER = 0  # look at most things
    OPERATOR = 1  # look at everything
    ADMIN = 2


class Master(Protocol):
    """What can be asked of the master; desk.py has it."""

    @property
    def counted(self) -> Counted: ...
    @property
    def keyvals(self) -> Keyvals: ...
    def keyvals_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of keyvals; None: later."""

    def facts(self) -> Facts: ...
    def idle(self) -> int:
        """Return for how much of the last second workers had nothing to do, in percent."""

    def status(self) -> dict[str, Any]: ...
    def workers(self) -> list[dict[str, Any]]: ...
    @property
    def roster(self) -> Roster: ...
    def peers_known(self, client: int, reply: Reply) -> Reply | None:
        """Return an answer once every worker has the last change of peers; None: later."""

    def limits(self) -> Mapping[str, list[Any]]:
        """Return the lines of limit_req of the generation that serves, by zone."""

    def limit(self, zone: str, frequency: int, client: int) -> None:
        """Let a zone of limit_req have another rate; the answer comes later."""

    def sessions(self, client: int) -> None:
        """List the requests under way; the answer comes later."""

    def end_session(self, pid: int, number: int, client: int, otherwise: str) -> bool:
        """Close a client's connection to a worker, and answer later; False for no such worker.

        `otherwise` is the answer where the worker has no such connection.
        """

    def end_sessions(self, upstream: str, key: str, client: int) -> None:
        """Close the connections of clients that a peer serves; the answer comes later."""

    def ask(self, command: Ask, client: int) -> None:
        """Begin; the answer reaches the client later."""

    def configuration(self) -> Config | None:
        """Return that of the generation that serves."""

    @property
    def happenings(self) -> Happenings: ...
    @property
    def history(self) -> History: ...
    def rollback(self, number: int, client: int) -> None:
        """Load what an earlier generation had; the answer reaches the client later."""

    def reload(self, client: int, reworded: Callable[[Reply], Reply]) -> None:
        """Begin to reload; what `reworded` makes of the answer reaches the client later."""

    @property
    def transactions(self) -> Transactions: ...
    def certificates(self) -> Sequence[Certificate]:
        """Return those that the generation that serves shows."""

    def shown_certificates(self) -> Sequence[dict[str, Any]]:
        """Return a row for each of them, and for those that the keeper looks after."""

    def aside(self, client: int, make: Callable[[], Reply]) -> Reply | None:
        """Have an answer made by a child, since it takes time; it comes later, or is refused."""

    def dump(self, client: int) -> None:
        """Likewise."""

    def ask_keeper(self, order: str, words: Sequence[str], client: int) -> bool:
        """Likewise; False where there is no keeper just now."""


# None: the answer comes later.
Function = Callable[[Master, Sequence[str], int], Reply | None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `changes` asks for POST where HTTP is spoken.

    An argument in brackets may be left out; one that ends in dots may come more than once.
    """

    name: str
    arguments: tuple[str, ...]
    help: str
    function: Function
    changes: bool = False

    @property
    def usage(self) -> str:
        """The name, and the names of the arguments."""
        return " ".join((self.name, *self.arguments))

    def takes(self, count: int) -> bool:
        """Tell whether it can have so many arguments."""
        least = sum(not name.startswith("[") for name in self.arguments)
        endless = any(name.endswith("...]") for name in self.arguments)
        return least <= count and (endless or count <= len(self.arguments))
