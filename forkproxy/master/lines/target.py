"""Which server a line is about, and the answer when all workers know what became of it."""

from __future__ import annotations

from forkproxy.master import servers as verbs
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.servers import Server

NO_SERVER = "No such server."
NO_BACKEND = "No such backend."
REQUIRED = "Require 'backend/server'."


def server_of(line: Line, index: int) -> Server:
    """Return the server that "backend/server" names. Raises Refused, in HAProxy's words."""
    backend, slash, name = line.word(index).partition("/")
    if not slash or not name:
        raise Refused(REQUIRED, "UpstreamServerNotFound")
    master = line.master
    if backend not in master.roster.upstreams():
        raise Refused(NO_BACKEND, "UpstreamNotFound", 404)
    try:
        return verbs.one_of(master.roster, master.counted, backend, name)
    except Refused:
        raise Refused(NO_SERVER, "UpstreamServerNotFound", 404) from None


def done(line: Line, text: str = "") -> Reply | None:
    """Answer once every worker has the last change of peers."""
    return line.master.peers_known(line.client, Reply(text))
