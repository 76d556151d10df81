"""Binary upgrade: the program is started anew beside us, and takes over our listeners.

The new master finds the listeners in FORKPROXY_LISTENERS (listeners.py), and in
FORKPROXY_PREDECESSOR the descriptor of a channel to the old one. There it reads what the
administrator has ordered and changed, and says when it serves. Until then the old one goes on.
"""

from __future__ import annotations

import os
import socket
import sys

from forkproxy.errors import ForkproxyError
from forkproxy.master.listeners import ENVIRONMENT, Listeners
from forkproxy.shared.channel import Channel, ChannelError, pair

PREDECESSOR = "FORKPROXY_PREDECESSOR"


class UpgradeError(ForkproxyError):
    """The new program cannot be started."""


def start(listeners: Listeners, kept: dict[str, str]) -> tuple[int, Channel]:
    """Start the program as this one was started; return its pid and our end of the channel.

    Raises UpgradeError.
    """
    if os.getpid() == 1:
        raise UpgradeError("this is process 1: its end would be the end of all")
    text, descriptors = listeners.hand_over()
    ours, theirs = pair()
    descriptors.append(theirs.fileno())
    environment = os.environ | {ENVIRONMENT: text, PREDECESSOR: str(theirs.fileno())}
    command = [sys.executable, *sys.orig_argv[1:]]
    try:
        ours.send({"kept": kept})
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        pid = os.posix_spawn(sys.executable, command, environment)
    except (OSError, ChannelError) as error:
        ours.close()
        raise UpgradeError(f"cannot start {sys.executable}: {error}") from error
    finally:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        theirs.close()
    return pid, ours


def predecessor() -> Channel | None:
    """Return the channel to the master that has started us, once; None where nobody has."""
    text = os.environ.pop(PREDECESSOR, "")
    if not text.isdecimal():
        return None
    try:
        end = socket.socket(fileno=int(text))
    except OSError as error:
        raise UpgradeError(f"{PREDECESSOR} is not what a master writes: {error}") from error
    end.set_inheritable(False)
    return Channel(end)


def read_kept(old: Channel) -> dict[str, str]:
    """Return all that is kept of what the administrator has changed, as the old master knows it."""
    try:
        heard = old.receive()
    except (BlockingIOError, ChannelError):
        heard = None
    kept = heard[0].get("kept", {}) if heard is not None else {}
    return {str(name): str(text) for name, text in kept.items()}
