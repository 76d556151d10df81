"""Messages between the master and one child.

A message is one JSON object, sent as one packet over a Unix SOCK_SEQPACKET pair, and may carry
descriptors. They are few and rare: what is needed often is in the scoreboard. One that is too long
for a packet goes as a file in memory. End of file means that the other process is gone.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from typing import Any

from forkproxy.errors import ForkproxyError

MOST = 65536  # octets of a packet
MOST_AT_ALL = 256 * 1024 * 1024  # octets of a message
LONG = b"long"  # the packet that carries a long message's file, before all other descriptors
MOST_DESCRIPTORS = 64

Message = dict[str, Any]


class ChannelError(ForkproxyError):
    """The other side does not read, or what it sent is no message."""


class Channel:
    """One end, non-blocking."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    def fileno(self) -> int:
        """Return the descriptor, -1 when closed."""
        return self._end.fileno()

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send one message; the descriptors stay ours.

        Raises ChannelError where the other side is gone or reads nothing any more, and where the
        message is too long: it is not sent then.
        """
        packet = json.dumps(message, separators=(",", ":")).encode()
        if len(packet) > MOST_AT_ALL:
            raise ChannelError(f"a message of {len(packet)} octets")
        file = -1
        try:
            if len(packet) > MOST:
                file = _file_of(packet)
                packet, descriptors = LONG, (file, *descriptors)
            socket.send_fds(self._end, [packet], list(descriptors))
        except OSError as error:
            raise ChannelError(f"cannot send: {error.strerror}") from error
        finally:
            if file >= 0:
                os.close(file)

    def receive(self) -> tuple[Message, list[int]] | None:
        """Return the next message and its descriptors, which are now ours; None at the end.

        Raises BlockingIOError where nothing is there now, ChannelError for what is no message.
        """
        try:
            packet, descriptors, flags, _ = socket.recv_fds(self._end, MOST, MOST_DESCRIPTORS)
        except ConnectionError:
            return None
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        if not packet:
            return None
        try:
            if packet == LONG and descriptors:
                packet = _taken(descriptors.pop(0))
            message = None if flags & socket.MSG_TRUNC else json.loads(packet)
        except (ValueError, OSError):
            message = None
        if not isinstance(message, dict):
            close_all(descriptors)
            raise ChannelError("not a message")
        return message, descriptors

    def close(self) -> None:
        """Close our end."""
        self._end.close()


def _file_of(packet: bytes) -> int:
    """Return a file without a name that holds a message, read from its front."""
    file = os.memfd_create("message")
    try:
        with open(file, "wb", closefd=False) as out:
            out.write(packet)
        os.lseek(file, 0, os.SEEK_SET)
    except OSError:
        os.close(file)
        raise
    return file


def _taken(file: int) -> bytes:
    """Return what is in such a file, and close it."""
    with open(file, "rb") as found:
        return found.read(MOST_AT_ALL)


def pair() -> tuple[Channel, Channel]:
    """Return the two ends of a new channel."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return Channel(one), Channel(other)


def close_all(descriptors: Sequence[int]) -> None:
    """Close descriptors that came with a message and that nobody wants."""
    for descriptor in descriptors:
        socket.close(descriptor)
