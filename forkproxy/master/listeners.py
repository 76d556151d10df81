"""Listening sockets: the master's, for as long as any generation wants their address.

They are matched by the text of the address, over reloads and over an upgrade, so a connection
that waits in a queue stays there. New ones are opened before anything old is closed. A listener
with `reuseport` has a socket for each slot; any other has one that all workers share.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from forkproxy.config.address import Family
from forkproxy.config.settings import ListenAddress
from forkproxy.errors import ConfigError

SHARED = -1  # the slot of a socket that all workers share
ENVIRONMENT = "FORKPROXY_LISTENERS"
PROBES = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)

Key = tuple[str, int]  # the text of the address, and the slot


class ListenError(ConfigError):
    """An address cannot be bound."""


class Listeners:
    """All listening sockets of this master."""

    def __init__(self, inherited: dict[Key, socket.socket] | None = None) -> None:
        self._sockets: dict[Key, socket.socket] = dict(inherited or {})

    def bind(self, wanted: Sequence[ListenAddress], slots: int) -> list[Key]:
        """Open what is not open yet; return what was opened, for `undo`.

        Raises ListenError, with nothing changed, where one cannot be opened.
        """
        opened: list[Key] = []
        try:
            for listen in wanted:
                for slot in _slots(listen, slots):
                    if (listen.text, slot) not in self._sockets:
                        self._open(listen, slot)
                        opened.append((listen.text, slot))
        except ListenError:
            self.undo(opened)
            raise
        return opened

    def _open(self, listen: ListenAddress, slot: int) -> None:
        other = self._other_kind(listen, slot)
        if other is not None:
            self._sockets[listen.text, slot] = other
            return
        self._sockets[listen.text, slot] = open_listener(listen)

    def _other_kind(self, listen: ListenAddress, slot: int) -> socket.socket | None:
        """Return another handle of the socket in use, where `reuseport` came or went."""
        if slot == SHARED:
            found = self._sockets.get((listen.text, 0))
        else:
            found = self._sockets.get((listen.text, SHARED))
            if found is not None:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if slot != 0:
                return None
        return None if found is None else found.dup()

    def undo(self, opened: Iterable[Key]) -> None:
        """Close what a bind opened, which nobody uses."""
        for key in opened:
            self._close(key)

    def keep(self, wanted: Sequence[ListenAddress], slots: int) -> None:
        """Close all that are not wanted, and give the others their options."""
        keys = {(listen.text, slot): listen for listen in wanted for slot in _slots(listen, slots)}
        for key in [key for key in self._sockets if key not in keys]:
            self._close(key)
        for key, listen in keys.items():
            _set_options(self._sockets[key], listen)
            self._sockets[key].listen(listen.backlog)

    def of(self, wanted: Sequence[ListenAddress], slot: int) -> dict[str, list[socket.socket]]:
        """Return the sockets that the worker of a slot accepts from, by text."""
        return {
            listen.text: [self._sockets[listen.text, slot if listen.reuseport else SHARED]]
            for listen in wanted
        }

    def close(self) -> None:
        """Close all; nobody is to connect any more."""
        for key in list(self._sockets):
            self._close(key)

    def release(self, kept: Iterable[socket.socket] = ()) -> None:
        """Close our descriptors but those kept; whoever else holds the listeners goes on."""
        used = {sock.fileno() for sock in kept}
        for sock in self._sockets.values():
            if sock.fileno() not in used:
                sock.close()
        self._sockets.clear()

    def _close(self, key: Key) -> None:
        sock = self._sockets.pop(key)
        last = not any(text == key[0] for text, _ in self._sockets)
        if sock.family == socket.AF_UNIX and last:
            with contextlib.suppress(OSError):
                Path(os.fsdecode(sock.getsockname())).unlink()
        sock.close()

    def texts(self) -> list[str]:
        """Return the addresses."""
        return list(dict.fromkeys(text for text, _ in self._sockets))

    def hand_over(self) -> tuple[str, list[int]]:
        """Return what to write into ENVIRONMENT for a new master, and the descriptors it names."""
        rows = [(text, slot, sock.fileno()) for (text, slot), sock in self._sockets.items()]
        return json.dumps(rows), [descriptor for _, _, descriptor in rows]


def inherited(text: str) -> dict[Key, socket.socket]:
    """Return the sockets that an old master hands over; raises ListenError for other text."""
    try:
        rows = json.loads(text)
        found = {(str(name), int(slot)): socket.socket(fileno=fd) for name, slot, fd in rows}
    except (ValueError, TypeError, OSError) as error:
        raise ListenError(f"{ENVIRONMENT} is not what a master writes: {error}") from error
    for sock in found.values():
        sock.set_inheritable(False)
    return found


def open_listener(listen: ListenAddress) -> socket.socket:
    """Return a new listening socket; raises ListenError."""
    family = _family(listen)
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listen.reuseport:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(listen.ipv6only))
        _set_options(sock, listen)
        if family == socket.AF_UNIX:
            _bind_path(sock, listen.path)
        else:
            sock.bind((listen.host, listen.port))
        sock.listen(listen.backlog)
    except OSError as error:
        sock.close()
        raise _clash(listen, error) from error
    return sock


def _family(listen: ListenAddress) -> socket.AddressFamily:
    if listen.family is Family.UNIX:
        return socket.AF_UNIX
    return socket.AF_INET6 if listen.family is Family.INET6 else socket.AF_INET


def _slots(listen: ListenAddress, slots: int) -> range:
    return range(slots) if listen.reuseport else range(SHARED, SHARED + 1)


def _bind_path(sock: socket.socket, path: str) -> None:
    """Bind a Unix socket; one that a dead process left there goes."""
    try:
        sock.bind(path)
    except OSError as error:
        if error.errno != errno.EADDRINUSE or _answers(path):
            raise
        Path(path).unlink()
        sock.bind(path)
    Path(path).chmod(0o666)  # as nginx: the folder says who may come


def _answers(path: str) -> bool:
    """Tell whether a process listens there, or something that is no socket is in the way."""
    if not Path(path).is_socket():
        return True
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(path) != errno.ECONNREFUSED


def _set_options(sock: socket.socket, listen: ListenAddress) -> None:
    if listen.rcvbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, listen.rcvbuf)
    if listen.sndbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, listen.sndbuf)
    if listen.path:
        return
    if listen.deferred:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
    if listen.fastopen:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, listen.fastopen)
    if listen.so_keepalive is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(listen.so_keepalive))
    for option, value in zip(PROBES, listen.keepalive_probes, strict=True):
        if value:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _clash(listen: ListenAddress, error: OSError) -> ListenError:
    text = f"bind() to {listen.text} failed ({error.errno}: {os.strerror(error.errno or 0)})"
    hint = ""
    if error.errno == errno.EADDRINUSE:
        hint = f"{_owner(listen) or 'another process'} listens there"
    elif error.errno == errno.EACCES:
        hint = "a port below 1024 needs root, or the capability CAP_NET_BIND_SERVICE"
    elif error.errno == errno.EADDRNOTAVAIL:
        hint = "this machine has no such address"
    return ListenError(f"{text}: {hint}" if hint else text, hint=hint)


def _owner(listen: ListenAddress) -> str:
    """Return the pid and name of who listens there, where the system lets us know.

    Of another forkproxy it is the master's: that is the one to tell.
    """
    with contextlib.suppress(psutil.Error, OSError):
        for found in psutil.net_connections("unix" if listen.path else "tcp"):
            if listen.path:
                here = str(found.laddr) == listen.path
            else:
                here = found.status == psutil.CONN_LISTEN and found.laddr[1:] == (listen.port,)
            if here and found.pid:
                owner = psutil.Process(found.pid)
                if "".join(owner.cmdline()).startswith("forkproxy: worker"):
                    owner = owner.parent() or owner
                return f"process {owner.pid} ({owner.name()})"
    return ""


def address_text(sock: socket.socket) -> str:
    """Return where a socket listens, as a listener's text."""
    where = sock.getsockname()
    if sock.family == socket.AF_UNIX:
        return f"unix:{os.fsdecode(where)}"
    host = f"[{where[0]}]" if sock.family == socket.AF_INET6 else where[0]
    return f"{host}:{where[1]}"
