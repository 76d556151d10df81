"""As much of RFC 6455 as an echo needs: the handshake's answer and unfragmented frames.

WebSocket speaks it over HTTP/1.1, WebSocket2 over a stream of HTTP/2 (RFC 8441).
"""

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


class WebSocket2:
    """The client's side of a WebSocket that is one stream of a Client2.

    Attributes:
        answer: what came on the stream.
    """

    def __init__(self, client, path="/", *fields, authority="localhost", early=None):
        head = [
            (b":method", b"CONNECT"),
            (b":protocol", b"websocket"),
            (b":scheme", b"https"),
            (b":path", path.encode()),
            (b":authority", authority.encode()),
            (b"sec-websocket-version", b"13"),
            *fields,
        ]
        self.client = client
        self.stream = client.request_of(head, body=early, end=False)
        self.answer = client.answers[self.stream]
        self._read = 0
        client.until(lambda: self.answer.fields or self.answer.reset is not None)

    def exactly(self, count):
        """Return so many octets of the stream."""
        end = self._read + count
        self.client.until(lambda: len(self.answer.body) >= end or self.over)
        assert len(self.answer.body) >= end, "the stream has ended"
        start, self._read = self._read, end
        return self.answer.body[start:end]

    @property
    def over(self):
        return self.answer.ended or self.answer.reset is not None

    def send(self, payload, opcode=BINARY, *, end=False):
        self.client.send(self.stream, frame(payload, opcode, mask=os.urandom(4)), end=end)

    def receive(self):
        """Return the payload of the next frame."""
        return read_frame(self)[1]

    def ask(self, payload):
        """Send a payload and return what comes back."""
        self.send(payload)
        return self.receive()

    def close(self):
        """Say goodbye, hear the other side say it too, and end the stream."""
        self.send(b"", CLOSE, end=True)
        opcode, _ = read_frame(self)
        assert opcode == CLOSE
        self.client.until(lambda: self.over)
