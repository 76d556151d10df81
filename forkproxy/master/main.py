"""From a function that loads configurations to a master that serves them."""

from __future__ import annotations

import os
from typing import Any

from forkproxy.child.contract import MakeAcceptor
from forkproxy.master import forks, systemd, upgrade
from forkproxy.master.daemon import Terminal
from forkproxy.master.generations import Load
from forkproxy.master.listeners import ENVIRONMENT, Key, Listeners, address_text, inherited
from forkproxy.master.process import Master


def run(load: Load, make_acceptor: MakeAcceptor, *, daemon: bool = False) -> int:
    """Be the master of what `load(number)` builds, until told to end; return the exit code.

    With `daemon` it returns 0 in the process at the terminal, once the daemon serves. Raises
    ConfigError where the first generation cannot be built or cannot listen.
    """
    predecessor = upgrade.predecessor()
    given = _given_listeners()
    master = Master(load, make_acceptor, Listeners(given))
    if predecessor is not None:
        master.take_over(predecessor)
    first = master.prepare(1)
    master.warn_of_strangers(given)
    terminal = None
    if daemon and predecessor is None:
        terminal = Terminal()
        code = forks.detach(terminal)
        if code is not None:
            return code
    return master.serve(first, terminal)


def _given_listeners() -> dict[Key, Any]:
    """Return the listeners that an old master or systemd has opened for us."""
    text = os.environ.pop(ENVIRONMENT, "")
    if text:
        return inherited(text)
    return {(address_text(sock), -1): sock for sock in systemd.listen_sockets()}
