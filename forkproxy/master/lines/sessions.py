"""Requests under way in HAProxy's lines: `show sess` and `shutdown session`."""

from __future__ import annotations

from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply

NO_SESSION = "No such session (use 'show sess')."
NUMBER = 32  # bits of a session's name that are the connection; the others are the process


def show_sess(line: Line) -> Reply | None:
    """List the requests that are under way in all workers."""
    line.master.sessions(line.client)
    return None


def shutdown_session(line: Line) -> Reply | None:
    """`shutdown session 0x…`: close the connection of the client."""
    try:
        wanted = int(line.word(2), 16)
    except ValueError:
        raise Refused("Session pointer expected (use 'show sess').", "") from None
    pid, number = wanted >> NUMBER, wanted & ((1 << NUMBER) - 1)
    if not line.master.end_session(pid, number, line.client, NO_SESSION):
        raise Refused(NO_SESSION, "", 404)
    return None
