"""The life of a worker: it inherits everything, accepts, and ends when it is told to."""

from __future__ import annotations

import socket

import psutil

from forkproxy.acme.managed import take_up
from forkproxy.cache.scribe import scribe
from forkproxy.child.contract import Acceptor, Generation, MakeAcceptor, Sockets
from forkproxy.child.life import Life
from forkproxy.core.inquiries import inquiries
from forkproxy.features import limit_req
from forkproxy.net import tasks
from forkproxy.shared import channel, logfile
from forkproxy.shared.channel import Message
from forkproxy.shared.errorlog import log
from forkproxy.shared.scoreboard import Cell
from forkproxy.upstream.ending import end_connections
from forkproxy.upstream.member import unpack
from forkproxy.worker import sessions
from forkproxy.worker.drain import GRACE, ORPHAN_LIMIT, Drain

WEIGH = 5.0  # seconds between two looks at the memory
STORING = 2.0  # seconds at the end for what is on its way into caches


class Worker:
    """What a worker does when an order comes."""

    def __init__(
        self, life: Life, generation: Generation, sockets: Sockets, acceptor: Acceptor
    ) -> None:
        self._life = life
        self._settings = generation.settings
        self._acceptor = acceptor
        listeners = [sock for found in sockets.values() for sock in found]
        self._drain = Drain(acceptor, listeners, life.end)
        self._adopted: dict[int, list[tuple[str, socket.socket]]] = {}
        life.on("drain", self._begin_drain)
        life.on("stop", self._stop)
        life.on("adopt", self._adopt)
        life.on("release", self._release)
        life.on("answered", _answered)
        self._keyvals = generation.keyvals
        life.on("keyval", self._change_keyvals)
        self._number = str(generation.number)
        self._upstreams = {upstream.name: upstream for upstream in generation.upstreams}
        life.on("peers", self._change_peers)
        life.on("kill", self._end_connections)
        life.on("sessions", self._list_sessions)
        self._limits = generation.limits
        life.on("limit", self._limit)
        life.on("shutdown", self._end_session)
        self._managed = generation.managed
        life.on("certificates", self._take_up)
        inquiries.connect(lambda number, question: life.say("asked", number=number, **question))

    def closed(self) -> int:
        """Return how many connections were cut off at the end."""
        return self._drain.closed

    def _begin_drain(self, _message: Message, _descriptors: list[int]) -> None:
        self._life.say("draining")
        for upstream in self._upstreams.values():
            # Where a server asks itself, what is kept open here is a client there.
            upstream.close()
        if self._life.orphan:
            self._drain.begin(ORPHAN_LIMIT)
        else:
            self._drain.begin(self._settings.worker_shutdown_timeout, GRACE)

    def _stop(self, _message: Message, _descriptors: list[int]) -> None:
        self._drain.stop()

    def _adopt(self, message: Message, descriptors: list[int]) -> None:
        """Accept for a slot whose worker is away."""
        slot, texts = int(message["slot"]), message["texts"]
        if self._drain.begun or slot in self._adopted:
            channel.close_all(descriptors)
            return
        sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
        self._adopted[slot] = list(zip(texts, sockets, strict=True))
        for text, sock in self._adopted[slot]:
            self._acceptor.adopt(text, sock)
            self._drain.listeners.append(sock)

    def _release(self, message: Message, _descriptors: list[int]) -> None:
        if self._drain.begun:
            return
        for text, sock in self._adopted.pop(int(message["slot"]), []):
            self._acceptor.release(text, sock)
            self._drain.listeners.remove(sock)
            sock.close()

    def _change_keyvals(self, message: Message, _descriptors: list[int]) -> None:
        """Carry out what the master has changed in a keyval zone, and say so."""
        zone = self._keyvals.get(str(message["zone"]))
        if zone is not None:
            put = {_octets(key): (_octets(value), at) for key, value, at in message["put"]}
            zone.table.change(put, map(_octets, message["delete"]))
        self._life.cells.store(Cell.KEYVALS_APPLIED, int(message["number"]))

    def _change_peers(self, message: Message, _descriptors: list[int]) -> None:
        """Carry out what the master has changed in an upstream, and say so."""
        step = message["steps"].get(self._number)
        upstream = self._upstreams.get(str(message["upstream"]))
        if step is not None and upstream is not None:
            for packed in step["put"]:
                upstream.put(unpack(packed), int(packed["first"]))
            for number in step["drop"]:
                upstream.drop(int(number))
        self._life.cells.store(Cell.PEERS_APPLIED, int(message["number"]))

    def _end_connections(self, message: Message, _descriptors: list[int]) -> None:
        upstream = self._upstreams.get(str(message["upstream"]))
        count = end_connections(upstream, str(message["key"])) if upstream is not None else 0
        self._life.say("dump", client=message["client"], text=f"{count} connections ended")

    def _list_sessions(self, message: Message, _descriptors: list[int]) -> None:
        self._life.say("dump", client=message["client"], text=sessions.listed())

    def _end_session(self, message: Message, _descriptors: list[int]) -> None:
        text = "" if sessions.end(int(message["number"])) else str(message["otherwise"])
        self._life.say("dump", client=message["client"], text=text)

    def _limit(self, message: Message, _descriptors: list[int]) -> None:
        """Let a zone of limit_req have another rate."""
        lines = self._limits.get(str(message["zone"]))
        if lines:
            limit_req.change(lines, int(message["frequency"]))
        self._life.say("dump", client=message["client"], text="")

    def _take_up(self, _message: Message, _descriptors: list[int]) -> None:
        """Show certificates that are new."""
        take_up(self._managed)

    def weigh(self) -> None:
        """Ask to be replaced where there is too much of us."""
        limit = self._settings.worker_memory_limit
        resident = psutil.Process().memory_info().rss
        if resident > limit and not self._drain.begun:
            mebibyte = 1024 * 1024
            text = f"{resident // mebibyte} MiB, more than {limit // mebibyte} MiB"
            self._life.say("heavy", text=text)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _answered(message: Message, descriptors: list[int]) -> None:
    inquiries.answered(int(message["number"]), message, descriptors)


def run(life: Life, generation: Generation, sockets: Sockets, make_acceptor: MakeAcceptor) -> int:
    """Serve until told to end; return the exit code. Waits."""
    acceptor = make_acceptor(generation, sockets, life.cells)
    worker = Worker(life, generation, sockets, acceptor)
    acceptor.start()
    if generation.settings.worker_memory_limit:
        tasks.Timer(WEIGH, worker.weigh)
    life.say("ready")
    life.wait()
    scribe.flush(STORING)
    if worker.closed():
        log.notice(f"closed {worker.closed()} connections that did not end by themselves")
    life.say("drained")
    logfile.files.finish()
    return 0
