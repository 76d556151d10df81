"""What is asked of the keeper, about caches and certificates: it knows, and answers later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from forkproxy.master.reply import Refused, Reply


class Master(Protocol):
    """What these commands need of the master."""

    def ask_keeper(self, order: str, words: Sequence[str], client: int) -> bool:
        """Pass a question on; False where there is no keeper just now."""


def asking(verb: str) -> Callable[[Master, Sequence[str], int], Reply | None]:
    """Return the command that asks the keeper to `verb`."""

    def function(master: Master, arguments: Sequence[str], client: int) -> Reply | None:
        if master.ask_keeper("cache", (verb, *arguments), client):
            return None
        return Refused("there is no keeper just now", "KeeperAway", 503).reply()

    return function


def renewing(master: Master, arguments: Sequence[str], client: int) -> Reply | None:
    """Have certificates renewed now."""
    if master.ask_keeper("renew", arguments, client):
        return None
    return Refused("there is no keeper just now", "KeeperAway", 503).reply()
