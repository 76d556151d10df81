"""Applications behind FastCGI, SCGI and uwsgi, by code that shares nothing with forkproxy.

Each script answers every request with `answer(asked)`, octets as CGI has them:

    with Origin(fastcgi(lambda asked: b"Content-Type: text/plain\\r\\n\\r\\nhi")) as application:
        ...
"""

import struct
from dataclasses import dataclass, field

HELLO = b"Content-Type: text/plain\r\n\r\nhello"


@dataclass
class Asked:
    """What an application was told.

    Attributes:
        params: in the order they came.
        content: of the request.
        keep: FastCGI: the connection is to be kept.
        connection: its number, from 0.
        modifiers: uwsgi: both.
    """

    params: dict = field(default_factory=dict)
    content: bytes = b""
    keep: bool = False
    connection: int = 0
    modifiers: tuple = ()


def record(kind, content=b"", padding=0):
    """Return one record of FastCGI."""
    head = struct.pack(">BBHHBx", 1, kind, 1, len(content), padding)
    return head + content + bytes(padding)


STDOUT, STDERR = 6, 7
END = record(3, bytes(8))


def output(octets, kind=STDOUT):
    """Return the records that octets on a stream make, in pieces of at most 60,000."""
    return b"".join(record(kind, octets[at : at + 60000]) for at in range(0, len(octets), 60000))


def fastcgi(answer=lambda _: HELLO):
    """Return the script of an application; an answer that is records already goes as it is."""

    def script(peer):
        while True:
            asked = read_records(peer)
            octets = answer(asked)
            peer.send(octets if octets[:1] == b"\1" else output(octets) + record(STDOUT) + END)
            if not asked.keep:
                return

    return script


def read_records(peer):
    """Read one request of FastCGI, and record it."""
    asked = Asked(connection=peer.number)
    params = b""
    while True:
        version, kind, number, length, padding = struct.unpack(">BBHHBx", peer.reader.exactly(8))
        assert (version, number) == (1, 1)
        content = peer.reader.exactly(length)
        peer.reader.exactly(padding)
        if kind == 1:
            asked.keep = bool(content[2] & 1)
        elif kind == 4:
            params += content
        elif content:
            asked.content += content
        else:
            asked.params = dict(_pairs(params))
            peer.origin.requests.append(asked)
            return asked


def _pairs(octets):
    while octets:
        name, octets = _length(octets)
        value, octets = _length(octets)
        yield octets[:name].decode(), octets[name : name + value]
        octets = octets[name + value :]


def _length(octets):
    if octets[0] < 128:
        return octets[0], octets[1:]
    return struct.unpack(">I", octets[:4])[0] & 0x7FFFFFFF, octets[4:]


def scgi(answer=lambda _: HELLO):
    """Return the script of an SCGI application."""

    def script(peer):
        size = b""
        while (octet := peer.reader.exactly(1)) != b":":
            size += octet
        block = peer.reader.exactly(int(size))
        assert peer.reader.exactly(1) == b","
        words = block.split(b"\0")
        asked = Asked(connection=peer.number)
        asked.params = {
            name.decode(): value for name, value in zip(words[::2], words[1::2], strict=False)
        }
        assert next(iter(asked.params)) == "CONTENT_LENGTH"
        asked.content = peer.reader.exactly(int(asked.params["CONTENT_LENGTH"]))
        peer.origin.requests.append(asked)
        peer.send(answer(asked))

    return script


def uwsgi(answer=lambda _: HELLO):
    """Return the script of a uwsgi application."""

    def script(peer):
        first, size, second = struct.unpack("<BHB", peer.reader.exactly(4))
        block = peer.reader.exactly(size)
        asked = Asked(connection=peer.number, modifiers=(first, second))
        while block:
            name, block = _short(block)
            value, block = _short(block)
            asked.params[name.decode()] = value
        asked.content = peer.reader.exactly(int(asked.params.get("CONTENT_LENGTH") or 0))
        peer.origin.requests.append(asked)
        peer.send(answer(asked))

    return script


def _short(octets):
    (length,) = struct.unpack("<H", octets[:2])
    return octets[2 : 2 + length], octets[2 + length :]
