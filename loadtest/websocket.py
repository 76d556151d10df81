"""As much of RFC 6455 as an echo needs: the handshake, and short unfragmented frames."""

import base64
import hashlib
import os
from collections.abc import Callable

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
SHORT = 125  # octets: the longest payload whose length fits the second octet
TEXT, CLOSE = 0x1, 0x8  # opcodes, RFC 6455 §5.2


def key() -> bytes:
    """Return a fresh Sec-WebSocket-Key."""
    return base64.b64encode(os.urandom(16))


def accept(client_key: bytes) -> bytes:
    """Return the Sec-WebSocket-Accept that answers a key (RFC 6455 §4.2.2)."""
    return base64.b64encode(hashlib.sha1(client_key + _GUID).digest())


def server_frame(opcode: int, payload: bytes) -> bytes:
    """Return a final frame as a server sends it: not masked."""
    return bytes((0x80 | opcode, len(payload))) + payload


def client_frame(opcode: int, payload: bytes) -> bytes:
    """Return a final frame as a client must send it: masked (RFC 6455 §5.3)."""
    mask = os.urandom(4)
    return bytes((0x80 | opcode, 0x80 | len(payload))) + mask + _masked(payload, mask)


def read_frame(read: Callable[[int], bytes]) -> tuple[int, bytes]:
    """Read one frame by `read(count)`, which returns so many octets; return opcode and payload.

    Raises ValueError for a frame that is fragmented or long.
    """
    first, second = read(2)
    length = second & 0x7F
    if not first & 0x80 or length > SHORT:
        raise ValueError("a fragmented or long frame")
    mask = read(4) if second & 0x80 else b"\0\0\0\0"
    return first & 0x0F, _masked(read(length), mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    return bytes(octet ^ mask[index & 3] for index, octet in enumerate(payload))
