"""As much of RFC 6455 as an echo needs: the handshake's answer and unfragmented frames."""

import base64
import hashlib
import os

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE = 1, 2, 8


def accept(key):
    """Return Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def frame(payload, opcode=BINARY, mask=None):
    """Return one final frame; a client's frames carry a mask of four octets."""
    flag = 0x80 if mask else 0
    size = len(payload)
    if size < 126:
        head = bytes([0x80 | opcode, flag | size])
    elif size < 65536:
        head = bytes([0x80 | opcode, flag | 126]) + size.to_bytes(2, "big")
    else:
        head = bytes([0x80 | opcode, flag | 127]) + size.to_bytes(8, "big")
    if mask:
        return head + mask + masked(payload, mask)
    return head + payload


def masked(payload, mask):
    """Return the payload under the mask; doing it twice gives the payload back."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def read_frame(reader):
    """Return (opcode, payload) of the next frame."""
    first, second = reader.exactly(2)
    size = second & 0x7F
    if size == 126:
        size = int.from_bytes(reader.exactly(2), "big")
    elif size == 127:
        size = int.from_bytes(reader.exactly(8), "big")
    mask = reader.exactly(4) if second & 0x80 else b""
    payload = reader.exactly(size)
    return first & 0x0F, masked(payload, mask) if mask else payload


def echo(peer):
    """A script of Origin: accept one handshake, then send back each frame until a close."""
    asked = peer.request()
    key = asked.get(b"sec-websocket-key", b"")
    peer.send(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept(key) + b"\r\n\r\n"
    )
    while True:
        opcode, payload = read_frame(peer.reader)
        peer.send(frame(payload, opcode))
        if opcode == CLOSE:
            return


class WebSocket:
    """The client's side of a WebSocket, over a connected Client."""

    def __init__(self, client, target=b"/", *fields):
        key = base64.b64encode(os.urandom(16))
        lines = [
            b"GET %s HTTP/1.1" % target,
            b"Host: localhost",
            b"Upgrade: websocket",
            b"Connection: Upgrade",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: " + key,
            *fields,
        ]
        self.client = client
        self.response = client.ask(b"\r\n".join(lines) + b"\r\n\r\n")
        if self.response.status == 101:
            assert self.response.get(b"sec-websocket-accept") == accept(key)

    def send(self, payload, opcode=BINARY):
        self.client.send(frame(payload, opcode, mask=os.urandom(4)))

    def receive(self):
        """Return the payload of the next frame."""
        return read_frame(self.client.reader)[1]

    def ask(self, payload):
        """Send a payload and return what comes back."""
        self.send(payload)
        return self.receive()

    def close(self):
        """Say goodbye, and wait for the other side to say it too."""
        self.send(b"", CLOSE)
        opcode, _ = read_frame(self.client.reader)
        assert opcode == CLOSE
        self.client.close()
