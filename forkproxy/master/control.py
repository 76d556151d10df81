"""The control socket: one Unix socket, two tongues, told apart by the first octets.

What begins with a method of HTTP gets JSON: `GET /status`, `POST /reload`, `POST /drain?peer=…`.
Anything else is a line of commands, several joined by ";"; each answer ends with an empty line,
and then the connection ends (HAProxy's runtime lines). Both lead to the table in commands.py.
Root, the master's own user, and the members of the socket's group may talk to it.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import json
import os
import re
import selectors
import socket
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from forkproxy.errors import ForkproxyError
from forkproxy.master import commands
from forkproxy.master.commands import Reply
from forkproxy.shared.errorlog import log

MOST = 16384  # octets of what is asked
MOST_CLIENTS = 64
PATIENCE = 10.0  # seconds to ask in, and seconds to read the answer in
HTTP = re.compile(rb"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) ")
SO_PEERGROUPS = 59  # Linux; socket.py has no name for it
REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Not Allowed",
           409: "Conflict"}  # fmt: skip


class ControlError(ForkproxyError):
    """The control socket cannot be opened."""


class Client:
    """One connection, from its first octet to its last."""

    def __init__(self, number: int, sock: socket.socket, now: float) -> None:
        self.number = number
        self.sock = sock
        self.ends_at = now + PATIENCE  # infinite while a command runs
        self.asked = b""
        self.http = False
        self.head_only = False
        self.lines: list[str] = []  # commands that wait for their turn
        self.running = False
        self.output = b""


class Control:
    """The socket and who is connected to it; in the master's one loop."""

    def __init__(
        self,
        master: commands.Master,
        selector: selectors.BaseSelector,
        clock: Callable[[], float],
    ) -> None:
        self._master = master
        self._selector = selector
        self._clock = clock
        self._listener: socket.socket | None = None
        self._identity: tuple[int, int] | None = None  # device and inode of our socket
        self._clients: dict[int, Client] = {}
        self._number = 0
        self._group: int | None = None
        self.path = ""

    def open(self, path: str, mode: int, group: str, *, replace: bool = False) -> None:
        """Listen at a path instead of where we did; raises ControlError, with nothing changed.

        Unless `replace` says so, a socket that another process serves is left to it.
        """
        if path == self.path and not replace:
            return
        number = _group_number(group)
        if not replace and _served(path):
            raise ControlError(f"another process serves the control socket {path}")
        listener = _listen(path, mode, number)
        self.close()
        self.path, self._group = path, number
        self._listener = listener
        self._identity = _identity(path)
        self._selector.register(listener, selectors.EVENT_READ, self._accept)

    def close(self) -> None:
        """Listen no more; who is connected still gets its answer."""
        if self._listener is None:
            return
        self._selector.unregister(self._listener)
        self._listener.close()
        self._listener = None
        # A new master may have put its own in this place.
        if _identity(self.path) == self._identity:
            with contextlib.suppress(OSError):
                Path(self.path).unlink()
        self.path = ""

    def leave(self) -> None:
        """Close our descriptors and touch nothing else: in a child."""
        if self._listener is not None:
            self._listener.close()
        for client in self._clients.values():
            client.sock.close()

    def answer(self, number: int, reply: Reply) -> None:
        """Send the answer of a command that took its time."""
        client = self._clients.get(number)
        if client is not None and client.running:
            client.running = False
            self._reply(client, reply)
            self._go_on(client)

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
        assert self._listener is not None
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return  # it left again, or we are out of descriptors
        if len(self._clients) >= MOST_CLIENTS or not self._may_talk(sock):
            sock.close()
            return
        sock.setblocking(False)
        self._number += 1
        client = self._clients[self._number] = Client(self._number, sock, self._clock())
        self._selector.register(sock, selectors.EVENT_READ, lambda: self._move(client))

    def _may_talk(self, sock: socket.socket) -> bool:
        _, uid, gid = struct.unpack(
            "3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        )
        if uid in (0, os.geteuid()):
            return True
        return self._group is not None and self._group in {gid, *_peer_groups(sock)}

    def _move(self, client: Client) -> None:
        try:
            if client.output:
                self._write(client)
            else:
                self._read(client)
        except Exception as error:
            # A command that brings out a mistake of ours must not end the service.
            log.bug("on the control socket", error)
            self._end(client)

    def _read(self, client: Client) -> None:
        try:
            octets = client.sock.recv(MOST)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        client.asked += octets
        if not octets and not client.asked.strip():
            self._end(client)
        elif len(client.asked) > MOST:
            self._refuse(client, Reply("too long", status=400))
        elif not client.running and not client.lines:
            self._understand(client, ended=not octets)
        elif not octets:
            # It waits for its answer with its own direction closed: stop looking at that.
            self._selector.unregister(client.sock)

    def _understand(self, client: Client, *, ended: bool) -> None:
        if HTTP.match(client.asked):
            head, complete, _ = client.asked.partition(b"\r\n\r\n")
            client.http = True
            if complete:
                self._understand_http(client, head)
            elif ended:
                self._end(client)
            return
        line, complete, _ = client.asked.partition(b"\n")
        if complete or ended:
            client.lines = line.decode("utf-8", "replace").strip().split(";")
            self._go_on(client)

    def _understand_http(self, client: Client, head: bytes) -> None:
        words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3:
            self._refuse(client, Reply("malformed request line", status=400))
            return
        method, target, _ = words
        path, _, query = target.partition("?")
        client.head_only = method == "HEAD"
        asked = [unquote(part) for part in path.strip("/").split("/", 1) if part] or ["help"]
        asked += [value for _, value in parse_qsl(query)]
        command = commands.BY_NAME.get(asked[0])
        if command is not None and method not in _methods(command):
            self._refuse(client, Reply(f"not by {method}", status=405))
            return
        self._run(client, asked)
        self._go_on(client)

    def _go_on(self, client: Client) -> None:
        """Run the next command of a line; send the answers when there is none."""
        while client.lines and not client.running:
            self._run(client, client.lines.pop(0).split())
        if not client.running:
            client.ends_at = self._clock() + PATIENCE
            self._write(client)

    def _run(self, client: Client, words: list[str]) -> None:
        client.running = True
        client.ends_at = float("inf")
        reply = commands.run(self._master, words, client.number)
        if reply is not None:
            client.running = False
            self._reply(client, reply)

    def _reply(self, client: Client, reply: Reply) -> None:
        client.output += _http(client, reply) if client.http else _line(reply)

    def _refuse(self, client: Client, reply: Reply) -> None:
        client.lines = []
        self._reply(client, reply)
        self._write(client)

    def _write(self, client: Client) -> None:
        try:
            client.output = client.output[client.sock.send(client.output) :]
        except BlockingIOError:
            pass
        except OSError:
            client.output = b""
        if client.output:
            self._watch_for_room(client)
        else:
            self._end(client)

    def _watch_for_room(self, client: Client) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.sock)
        self._selector.register(client.sock, selectors.EVENT_WRITE, lambda: self._move(client))

    def _end(self, client: Client) -> None:
        if self._clients.pop(client.number, None) is None:
            return
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.sock)
        client.sock.close()


def _methods(command: commands.Command) -> tuple[str, ...]:
    return ("POST",) if command.changes else ("GET", "HEAD")


def _line(reply: Reply) -> bytes:
    # An empty line inside an answer would end it.
    text = re.sub(r"\n{2,}", "\n", reply.text.strip("\n"))
    return f"{text}\n\n".encode() if text else b"\n"


def _http(client: Client, reply: Reply) -> bytes:
    done = reply.status == 200
    payload = reply.data or {"done": done, "text": reply.text}
    if not done:
        payload = {"error": {"status": reply.status, "text": reply.text}}
    body = json.dumps(payload, indent=2).encode() + b"\n"
    head = (
        f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Error')}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + (b"" if client.head_only else body)


def _listen(path: str, mode: int, group: int | None) -> socket.socket:
    """Return a socket listening at a path, put there in one step over whatever was."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    fresh = f"{path}.{os.getpid()}"
    try:
        listener.setblocking(False)
        with contextlib.suppress(FileNotFoundError):
            Path(fresh).unlink()
        # Nobody may connect between bind and chmod.
        before = os.umask(0o177)
        try:
            listener.bind(fresh)
        finally:
            os.umask(before)
        if group is not None:
            os.chown(fresh, -1, group)
        Path(fresh).chmod(mode)
        listener.listen(16)
        Path(fresh).rename(path)
    except OSError as error:
        listener.close()
        with contextlib.suppress(OSError):
            Path(fresh).unlink()
        raise ControlError(f"control socket {path}: {error.strerror or error}") from error
    return listener


def _served(path: str) -> bool:
    """Tell whether a process listens at a path, or something is there that is no socket."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return True
    except OSError:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(path) not in (errno.ECONNREFUSED, errno.ENOENT)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _group_number(group: str) -> int | None:
    if not group:
        return None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise ControlError(f"control_socket: there is no group {group}") from None


def _peer_groups(sock: socket.socket) -> tuple[int, ...]:
    """Return the further groups of who is connected; none where the kernel does not tell."""
    try:
        found = sock.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, 4096)
    except OSError:
        return ()
    return struct.unpack(f"{len(found) // 4}I", found)
