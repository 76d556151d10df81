"""Who is connected to the control socket, in the master's one loop.

One Unix socket, two tongues, told apart by the first octets: what begins with a method of HTTP is
the REST API of NGINX Plus (api/), anything else a line of HAProxy's runtime protocol (lines/).
A tongue finds the next question in what came, and puts answers into octets; what is asked and
answered is the same for both.
"""

from __future__ import annotations

import contextlib
import re
import selectors
import socket
from collections.abc import Callable
from typing import Protocol

from forkproxy.master.api.http import HttpTongue
from forkproxy.master.commands import Level, Master
from forkproxy.master.door import ControlError, Door
from forkproxy.master.lines.talk import LineTongue
from forkproxy.master.reply import Reply
from forkproxy.shared.errorlog import log

__all__ = ["Control", "ControlError"]

PIECE = 65536  # octets read at once
MOST_CLIENTS = 64
PATIENCE = 10.0  # seconds to begin to ask in
HTTP = re.compile(rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) ")
LONGEST_METHOD = len(b"OPTIONS ")

Question = Callable[[], Reply | None]
"""Ask it; None where the answer comes later."""


class Tongue(Protocol):
    """One of the two protocols, on one connection."""

    over: bool  # no more questions: the connection ends with the answers
    patience: float  # seconds to ask in

    def next(self, asked: bytearray, *, ended: bool) -> Question | None:
        """Take the next question off the front of what came; None while it is incomplete."""

    def say(self, reply: Reply) -> bytes:
        """Return an answer as octets."""


class Client:
    """One connection, from its first octet to its last."""

    def __init__(self, number: int, sock: socket.socket, now: float) -> None:
        self.number = number
        self.sock = sock
        self.ends_at = now + PATIENCE  # infinite while a command runs
        self.asked = bytearray()
        self.ended = False  # it says no more
        self.tongue: Tongue | None = None
        self.running = False
        self.output = b""


class Control:
    """The socket and its connections."""

    def __init__(
        self,
        master: Master,
        selector: selectors.BaseSelector,
        clock: Callable[[], float],
    ) -> None:
        self._master = master
        self._selector = selector
        self._clock = clock
        self._door: Door | None = None
        self._level = Level.ADMIN
        self._clients: dict[int, Client] = {}
        self._number = 0

    def open(
        self,
        path: str,
        mode: int,
        group: str,
        level: Level = Level.ADMIN,
        *,
        replace: bool = False,
    ) -> None:
        """Listen at a path instead of where we did; raises ControlError, with nothing changed."""
        if self._door is None or path != self._door.path or replace:
            door = Door(path, mode, group, replace=replace)
            self.close()
            self._door = door
            self._selector.register(door.sock, selectors.EVENT_READ, self._accept)
        self._level = level

    def close(self) -> None:
        """Listen no more; who is connected still gets its answer."""
        if self._door is not None:
            self._selector.unregister(self._door.sock)
            self._door.close()
            self._door = None

    def leave(self) -> None:
        """Close our descriptors and touch nothing else: in a child."""
        if self._door is not None:
            self._door.sock.close()
        for client in self._clients.values():
            client.sock.close()

    def answer(self, number: int, reply: Reply) -> None:
        """Send the answer of a question that took its time."""
        client = self._clients.get(number)
        if client is not None and client.running:
            self._reply(client, reply)
            self._go_on(client)

    def next_number(self) -> int:
        """Return a number for somebody who asks, and is not connected here."""
        self._number += 1
        return self._number

    def sweep(self) -> None:
        """Close who neither asks nor reads."""
        now = self._clock()
        for client in [client for client in self._clients.values() if client.ends_at <= now]:
            self._end(client)

    def finish(self, within: float) -> None:
        """Give the answers still under way a last moment: the master is about to end."""
        for client in list(self._clients.values()):
            client.sock.settimeout(within)
            with contextlib.suppress(OSError):
                client.sock.sendall(client.output)
            self._end(client)

    def _accept(self) -> None:
        assert self._door is not None
        try:
            sock, _ = self._door.sock.accept()
        except OSError:
            return  # it left again, or we are out of descriptors
        if len(self._clients) >= MOST_CLIENTS or not self._door.lets_in(sock):
            sock.close()
            return
        sock.setblocking(False)
        client = Client(self.next_number(), sock, self._clock())
        self._clients[client.number] = client
        self._watch(client)

    def _watch(self, client: Client) -> None:
        """Look for what can go on with a connection, and for nothing else."""
        events = selectors.EVENT_WRITE if client.output else selectors.EVENT_READ
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.sock)
        if client.output or not client.ended:
            self._selector.register(client.sock, events, lambda: self._move(client))

    def _move(self, client: Client) -> None:
        try:
            if client.output:
                self._write(client)
            else:
                self._read(client)
        except Exception as error:
            # A question that brings out a mistake of ours must not end the service.
            log.bug("on the control socket", error)
            self._end(client)

    def _read(self, client: Client) -> None:
        try:
            octets = client.sock.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            self._end(client)
            return
        client.asked += octets
        if not octets:
            client.ended = True
            self._watch(client)
        if not client.running:
            self._go_on(client)

    def _go_on(self, client: Client) -> None:
        """Ask what is complete, one after another; send the answers when there is no more."""
        while not client.running and not self._over(client):
            question = self._next(client)
            if question is None:
                break
            client.running = True
            client.ends_at = float("inf")
            reply = question()
            if reply is not None:
                self._reply(client, reply)
        if not client.running:
            self._write(client)

    def _next(self, client: Client) -> Question | None:
        if client.tongue is None:
            asked = client.asked
            if HTTP.match(asked):
                client.tongue = HttpTongue(self._master, client.number, self._level)
            elif client.ended or len(asked) >= LONGEST_METHOD or b"\n" in asked:
                client.tongue = LineTongue(self._master, client.number, self._level)
            else:
                return None
        return client.tongue.next(client.asked, ended=client.ended)

    def _reply(self, client: Client, reply: Reply) -> None:
        assert client.tongue is not None
        client.running = False
        client.ends_at = self._clock() + client.tongue.patience
        client.output += client.tongue.say(reply)

    @staticmethod
    def _over(client: Client) -> bool:
        return client.tongue is not None and client.tongue.over

    def _write(self, client: Client) -> None:
        try:
            while client.output:
                client.output = client.output[client.sock.send(client.output) :]
        except BlockingIOError:
            self._watch(client)
            return
        except OSError:
            self._end(client)
            return
        if client.ended or self._over(client):
            self._hang_up(client)
        else:
            self._watch(client)

    def _hang_up(self, client: Client) -> None:
        """End a connection; one that still talks is heard out, or it might lose its answer."""
        if client.ended:
            self._end(client)
            return
        with contextlib.suppress(OSError):
            client.sock.shutdown(socket.SHUT_WR)
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.sock)
        self._selector.register(client.sock, selectors.EVENT_READ, lambda: self._hear_out(client))

    def _hear_out(self, client: Client) -> None:
        try:
            if client.sock.recv(PIECE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end(client)

    def _end(self, client: Client) -> None:
        if self._clients.pop(client.number, None) is None:
            return
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.sock)
        client.sock.close()
