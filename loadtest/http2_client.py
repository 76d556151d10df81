"""A client of HTTP/2 that knows what became of each of its streams.

Frames by hand, since the usual library for it takes nothing more after a GOAWAY, which is where a
reload becomes interesting. Only GET, only answers of a status and a length.
"""

import socket
import ssl
import struct
from dataclasses import dataclass

import hpack

from loadtest.address import LOOPBACK

OK = "ok"
UNPROCESSED = "not processed"  # no failure: it may be asked again (RFC 9113 §8.7)
LATE = 10.0  # seconds without an octet after which an answer is given up
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RST_STREAM, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS, _PADDED, _PRIORITY = 1, 1, 4, 8, 32
_REFUSED_STREAM = 7
_WINDOW = (1 << 31) - 1 - 65535  # octets of content on one connection: more than any run has


def connect(port: int) -> socket.socket:
    """Return a connection to the proxy on which HTTP/2 was agreed. Raises OSError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    plain = socket.create_connection((LOOPBACK, port), timeout=LATE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        connection = context.wrap_socket(plain, server_hostname="localhost")
    except OSError:
        plain.close()
        raise
    if connection.selected_alpn_protocol() != "h2":
        connection.close()
        raise OSError("HTTP/2 was not agreed on")
    return connection


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """Return a frame (RFC 9113 §4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _asking(path: str) -> bytes:
    """Return the field block of a GET by https, with nothing in it to be remembered."""
    text = path.encode()
    # Of the static table: 2 is GET, 7 is https, 4 is :path and 1 is :authority (RFC 7541 §6).
    return b"\x82\x87\x04" + bytes([len(text)]) + text + b"\x01\x09localhost"


@dataclass(slots=True)
class _Answer:
    status: str = ""
    missing: int = -1  # octets of content still to come; -1: no length was said


class Client:
    """One connection, on a socket that `connect` made.

    Attributes:
        answers: how many streams have ended well.
        leaving: the proxy has said that it will take nothing new.
    """

    def __init__(self, connection: socket.socket, path: str = "/1024") -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._decoder = hpack.Decoder()
        self._streams: dict[int, _Answer] = {}
        self._next = 1
        self._block = _asking(path)
        self.answers = 0
        self.leaving = False
        window = frame(_WINDOW_UPDATE, 0, 0, struct.pack(">I", _WINDOW))
        self._socket.sendall(_PREFACE + frame(_SETTINGS, 0, 0) + window)

    @property
    def waiting(self) -> int:
        """How many streams are under way."""
        return len(self._streams)

    def close(self) -> None:
        self._socket.close()

    def ask(self, count: int) -> None:
        """Begin so many streams. Raises OSError where the proxy is no longer there."""
        begun = []
        for _ in range(count):
            self._streams[self._next] = _Answer()
            flags = _END_STREAM | _END_HEADERS
            begun.append(frame(_HEADERS, flags, self._next, self._block))
            self._next += 2
        self._socket.sendall(b"".join(begun))

    def outcomes(self) -> list[str]:
        """Wait for octets; return what became of the streams that ended with them.

        Raises EOFError when the proxy has closed the connection, OSError when it was lost.
        """
        octets = self._socket.recv(65536)
        if not octets:
            raise EOFError
        self._buffer += octets
        found: list[str] = []
        while len(self._buffer) >= 9:
            length, kind, flags = int.from_bytes(self._buffer[:3], "big"), *self._buffer[3:5]
            if len(self._buffer) < 9 + length:
                break
            stream = int.from_bytes(self._buffer[5:9], "big") & 0x7FFFFFFF
            payload = bytes(self._buffer[9 : 9 + length])
            del self._buffer[: 9 + length]
            found += self._take(kind, flags, stream, payload)
        self.answers += found.count(OK)
        return found

    def left(self) -> list[str]:
        """Return what became of the streams that were under way when the connection ended."""
        lost = [
            f"closed {'within an answer' if one.status else 'unanswered'}"
            for one in self._streams.values()
        ]
        self._streams.clear()
        return lost

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> list[str]:
        if kind == _SETTINGS and not flags & _ACK:
            self._socket.sendall(frame(_SETTINGS, _ACK, 0))
        elif kind == _PING and not flags & _ACK:
            self._socket.sendall(frame(_PING, _ACK, 0, payload))
        elif kind == _GOAWAY:
            return self._gone_away(*struct.unpack(">II", payload[:8]))
        elif stream in self._streams:
            return self._of_stream(kind, flags, stream, payload)
        return []

    def _gone_away(self, last: int, code: int) -> list[str]:
        self.leaving = True
        beyond = [stream for stream in self._streams if stream > last]
        for stream in beyond:
            del self._streams[stream]
        return [UNPROCESSED if not code else f"GOAWAY with error {code}"] * len(beyond)

    def _of_stream(self, kind: int, flags: int, stream: int, payload: bytes) -> list[str]:
        answer = self._streams[stream]
        if kind == _RST_STREAM:
            del self._streams[stream]
            code = int.from_bytes(payload, "big")
            return [UNPROCESSED if code == _REFUSED_STREAM else f"reset with error {code}"]
        if kind == _HEADERS:
            for name, value in self._decoder.decode(_content(flags, payload), raw=True):
                if name == b":status":
                    answer.status = value.decode()
                elif name == b"content-length":
                    answer.missing = int(value)
        elif kind == _DATA:
            answer.missing -= len(_content(flags, payload))
        if kind not in (_HEADERS, _DATA) or not flags & _END_STREAM:
            return []
        del self._streams[stream]
        if answer.status != "200":
            return [f"status {answer.status}"]
        return ["content of another length than was said" if answer.missing else OK]


def _content(flags: int, payload: bytes) -> bytes:
    """Return the payload of DATA or HEADERS without padding and priority."""
    if flags & _PADDED:
        payload = payload[1 : len(payload) - payload[0]]
    return payload[5:] if flags & _PRIORITY else payload  # which DATA has no flag for
