"""HTTP/1 messages read strictly off a socket, by code that shares nothing with forkproxy."""

import re

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)")
REQUEST_LINE = re.compile(rb"(%s) ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])" % TOKEN)
FIELD_LINE = re.compile(rb"(%s):[ \t]*((?:[\x21-\x7e\x80-\xff][\t\x20-\x7e\x80-\xff]*)?)" % TOKEN)
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
PIECE = 65536  # octets asked for in one recv


class MessageError(AssertionError):
    """What came is not a message by RFC 9112."""


class ClosedError(MessageError):
    """The other side closed before the message was complete. `octets` is what had come."""

    def __init__(self, octets):
        super().__init__(f"closed after {len(octets)} octets: {octets[-200:]!r}")
        self.octets = octets


class Message:
    """One request or response: its first line, fields, body and trailers.

    Attributes:
        line: the first line, without its CRLF.
        fields: (name as sent, value) in the order they came.
        body: the content, with the chunked coding taken off.
        trailers: as fields; empty where there were none.
        raw: every octet of the message, as it came.
    """

    def __init__(self, line, fields):
        self.line = line
        self.fields = fields
        self.body = b""
        self.trailers = []
        self.raw = b""

    def all(self, name):
        """Return the values of every field line called `name`, in any case."""
        name = name.lower()
        return [value for key, value in self.fields if key.lower() == name]

    def get(self, name, default=None):
        """Return the value of the only field line called `name`; fail on two."""
        values = self.all(name)
        if len(values) > 1:
            raise MessageError(f"{len(values)} lines of {name!r}: {values!r}")
        return values[0] if values else default

    def __contains__(self, name):
        return bool(self.all(name))


class Response(Message):
    def __init__(self, line, fields):
        super().__init__(line, fields)
        match = STATUS_LINE.fullmatch(line)
        if match is None:
            raise MessageError(f"not a status line: {line!r}")
        self.minor = int(match[1])
        self.status = int(match[2])
        self.reason = match[3]

    def __repr__(self):
        return f"<{self.line.decode('latin-1')}, {len(self.body)} octets>"


class Request(Message):
    """Attributes: method, target (octets), minor (of the version).

    connection: the number of the connection it came on, from 0.
    """

    connection = 0

    def __init__(self, line, fields):
        super().__init__(line, fields)
        match = REQUEST_LINE.fullmatch(line)
        if match is None:
            raise MessageError(f"not a request line: {line!r}")
        self.method, self.target = match[1], match[2]
        self.minor = int(match[3])

    def __repr__(self):
        return f"<{self.line.decode('latin-1')}, {len(self.body)} octets>"


class Reader:
    """Reads messages off one socket, keeping what came beyond the last one.

    Attributes:
        record: whether what comes is kept in `heard` too.
        heard: every octet that came while `record` was true.
    """

    def __init__(self, sock, record=False):
        self._sock = sock
        self._buffer = bytearray()
        self.record = record
        self.heard = bytearray()

    def more(self):
        """Take in what came next. Return False at the end of the stream."""
        piece = self._sock.recv(PIECE)
        if self.record:
            self.heard += piece
        self._buffer += piece
        return bool(piece)

    def until(self, mark):
        """Return the octets up to and with `mark`."""
        searched = 0
        while (at := self._buffer.find(mark, searched)) < 0:
            searched = max(0, len(self._buffer) - len(mark) + 1)
            if not self.more():
                raise ClosedError(bytes(self._buffer))
        return self.take(at + len(mark))

    def exactly(self, count):
        """Return `count` octets."""
        while len(self._buffer) < count:
            if not self.more():
                raise ClosedError(bytes(self._buffer))
        return self.take(count)

    def rest(self):
        """Return everything up to the end of the stream."""
        while self.more():
            pass
        return self.take(len(self._buffer))

    def take(self, count):
        """Return up to `count` octets of what is already here."""
        octets = bytes(self._buffer[:count])
        del self._buffer[:count]
        return octets

    def head(self, kind):
        """Read a head into a message of `kind`."""
        block = self.until(b"\r\n\r\n")
        line, _, lines = block[:-2].partition(b"\r\n")
        message = kind(line, field_lines(lines))
        message.raw = block
        return message

    def request(self):
        """Read one request with its body."""
        message = self.head(Request)
        self.body(message, to_close=False)
        return message

    def response(self, to=b"GET"):
        """Read one response, interim ones (1xx) included, to a request of method `to`."""
        message = self.head(Response)
        status = message.status
        if to == b"HEAD" or status < 200 or status in (204, 304):
            return message
        self.body(message, to_close=True)
        return message

    def body(self, message, to_close):
        """Read the body of a message by RFC 9112 section 6.3."""
        codings = message.all(b"transfer-encoding")
        length = message.get(b"content-length")
        if codings and length is not None:
            raise MessageError("both Transfer-Encoding and Content-Length")
        if codings:
            if [coding.lower() for coding in codings] != [b"chunked"]:
                raise MessageError(f"Transfer-Encoding: {codings!r}")
            if message.minor == 0:
                raise MessageError("Transfer-Encoding in HTTP/1.0")
            self.chunks(message)
        elif length is not None:
            if not re.fullmatch(rb"[0-9]+", length):
                raise MessageError(f"Content-Length: {length!r}")
            message.body = self.exactly(int(length))
            message.raw += message.body
        elif to_close:
            message.body = self.rest()
            message.raw += message.body

    def chunks(self, message):
        """Read a chunked body with its trailers."""
        content = bytearray()
        while True:
            line = self.until(b"\r\n")
            message.raw += line
            match = CHUNK_SIZE.fullmatch(line[:-2])
            if match is None:
                raise MessageError(f"not a chunk size: {line!r}")
            size = int(match[1], 16)
            if size == 0:
                break
            chunk = self.exactly(size + 2)
            message.raw += chunk
            if chunk[-2:] != b"\r\n":
                raise MessageError(f"a chunk ends in {chunk[-2:]!r}")
            content += chunk[:-2]
        message.body = bytes(content)
        while (line := self.until(b"\r\n")) != b"\r\n":
            message.raw += line
            message.trailers += field_lines(line)
        message.raw += line


def field_lines(block):
    """Return (name, value) of each line of `block`, which ends with CRLF or is empty."""
    fields = []
    for line in block.split(b"\r\n")[:-1]:
        match = FIELD_LINE.fullmatch(line)
        if match is None:
            raise MessageError(f"not a field line: {line!r}")
        fields.append((match[1], match[2].rstrip(b" \t")))
    return fields
