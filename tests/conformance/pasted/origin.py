"""An origin for any configuration: on every port it is given, in whatever is spoken there.

It tells what is spoken by the first octet: TLS, HTTP, FastCGI or uwsgi. Each request is
written to a file, a line of JSON, and answered with what was asked for by `X-Want`. It also
answers every question for a name, over UDP, with its own address.

    python -m tests.conformance.pasted.origin LOG ADDRESS CERTIFICATE [HOST:PORT | unix:PATH]…
"""

import contextlib
import json
import os
import socket
import ssl
import struct
import sys
import threading

IP_PKTINFO = 8  # which Python's socket does not name before 3.14
PAGE = b"a page of the origin\n" * 40
FIELDS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Last-Modified", "Mon, 03 Mar 2025 10:00:00 GMT"),
    ("ETag", '"an-etag"'),
    ("X-Powered-By", "origin"),
    ("Set-Cookie", "a=1; Path=/; Domain=app"),
    ("X-Frame-Options", "DENY"),
]
WANTS = {
    "": ("200 OK", FIELDS, PAGE),
    "404": ("404 Not Found", [("Content-Type", "text/plain")], b"the origin has none\n"),
    "500": ("500 Internal Server Error", [("Content-Type", "text/plain")], b"the origin fell\n"),
    "503": ("503 Service Unavailable", [("Retry-After", "5")], b""),
    "away": ("302 Found", [("Location", "http://app/there/?a=b")], b""),
    "cached": ("200 OK", [*FIELDS[:3], ("Cache-Control", "public, max-age=60")], PAGE),
    "sendfile": ("200 OK", [("X-Accel-Redirect", "/protected/secret.txt")], b"hidden\n"),
}


class Log:
    """What was asked, line by line, for another process to read."""

    def __init__(self, path):
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)

    def write(self, **asked):
        os.write(self._file, json.dumps(asked).encode() + b"\n")


def exactly(stream, count):
    octets = stream.read(count)
    if len(octets) < count:
        raise EOFError
    return octets


class Conversation:
    """One connection of a proxy's."""

    def __init__(self, log, sock):
        self.log = log
        self.sock = sock
        self.stream = sock.makefile("rb")

    def hold(self):
        first = self.stream.peek(1)[:1]
        if first == b"\x01":
            self.fastcgi()
        elif first == b"\x00":
            self.uwsgi()
        elif first:
            while self.http():
                pass

    def http(self):
        """Answer one request; tell whether there may be another."""
        line = self.stream.readline().decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        fields = []
        while (field := self.stream.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = field.partition(":")
            fields.append((name.lower(), value.strip()))
        known = dict(fields)
        if "chunked" in known.get("transfer-encoding", ""):
            body = self.chunked()
        else:
            body = exactly(self.stream, int(known.get("content-length", 0)))
        method, _, rest = line.partition(" ")
        self.log.write(kind="http", line=line.rpartition(" ")[0], fields=fields, body=len(body))
        if known.get("upgrade", "").lower() == "websocket":
            self.sock.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello"
            )
            self.stream.read(5)
            return False
        status, answer, content = WANTS.get(known.get("x-want", ""), WANTS[""])
        head = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in answer)]
        head.append(f"Content-Length: {len(content)}")
        close = rest.endswith("HTTP/1.0") or known.get("connection", "").lower() == "close"
        head.append(f"Connection: {'close' if close else 'keep-alive'}")
        octets = "\r\n".join([*head, "", ""]).encode()
        self.sock.sendall(octets + (b"" if method == "HEAD" else content))
        return not close

    def chunked(self):
        body = b""
        while size := int(self.stream.readline().partition(b";")[0], 16):
            body += exactly(self.stream, size)
            self.stream.readline()
        while self.stream.readline().strip():
            pass
        return body

    def cgi(self, params):
        """Return what a program behind a gateway prints for these params."""
        status, fields, content = WANTS.get(params.get("HTTP_X_WANT", ""), WANTS[""])
        head = [f"Status: {status}", *(f"{name}: {value}" for name, value in fields), "", ""]
        return "\r\n".join(head).encode() + (
            b"" if params.get("REQUEST_METHOD") == "HEAD" else content
        )

    def fastcgi(self):
        params, body = b"", b""
        while True:
            _, kind, number, length, padding, _ = struct.unpack(">BBHHBB", exactly(self.stream, 8))
            content = exactly(self.stream, length)
            self.stream.read(padding)
            if kind == 4:
                params += content
            elif kind == 5:
                body += content
                if not length:
                    break
        told = dict(self.pairs(params))
        self.log.write(kind="fastcgi", line="", fields=sorted(told.items()), body=len(body))
        answer = self.cgi(told)
        records = struct.pack(">BBHHBB", 1, 6, number, len(answer), 0, 0) + answer
        end = struct.pack(">BBHHBB", 1, 3, number, 8, 0, 0) + bytes(8)
        self.sock.sendall(records + struct.pack(">BBHHBB", 1, 6, number, 0, 0, 0) + end)

    @staticmethod
    def pairs(octets):
        at = 0

        def size():
            nonlocal at
            if octets[at] < 128:
                at += 1
                return octets[at - 1]
            at += 4
            return int.from_bytes(octets[at - 4 : at], "big") & 0x7FFFFFFF

        while at < len(octets):
            name, value = size(), size()
            middle = at + name
            yield octets[at:middle].decode(), octets[middle : middle + value].decode("latin-1")
            at = middle + value

    def uwsgi(self):
        _, length, _ = struct.unpack("<BHB", exactly(self.stream, 4))
        octets, at, told = exactly(self.stream, length), 0, {}
        while at < length:
            words = []
            for _ in range(2):
                size = int.from_bytes(octets[at : at + 2], "little")
                words.append(octets[at + 2 : at + 2 + size].decode("latin-1"))
                at += 2 + size
            told[words[0]] = words[1]
        body = self.stream.read(int(told.get("CONTENT_LENGTH") or 0))
        self.log.write(kind="uwsgi", line="", fields=sorted(told.items()), body=len(body))
        self.sock.sendall(self.cgi(told).replace(b"Status: ", b"HTTP/1.1 ", 1))


def converse(log, context, sock):
    with contextlib.suppress(OSError, EOFError, ValueError, struct.error), sock:
        sock.settimeout(20)
        if sock.recv(1, socket.MSG_PEEK) == b"\x16":
            sock = context.wrap_socket(sock, server_side=True)
        Conversation(log, sock).hold()


def accept(log, context, listener):
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=converse, args=(log, context, sock), daemon=True).start()


def listen(where):
    """Return a listening socket, None where the address is another's."""
    if where.startswith("unix:"):
        path = where[5:]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        os.chmod(path, 0o777)
    else:
        host, _, port = where.rpartition(":")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host.strip("[]"), int(port)))
    sock.listen(64)
    return sock


def names(address):
    """Answer every question for an address of a name, over UDP."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("0.0.0.0", 53))
    sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)  # answer from where it was sent to
    packed = socket.inet_aton(address)
    while True:
        asked, told, _, client = sock.recvmsg(2048, 64)
        asked_at = struct.unpack("=i4s4s", told[0][2])[1]
        end = asked.index(0, 12) + 5
        kind = asked[end - 4 : end - 2]
        answers = 1 if kind == b"\0\1" else 0
        head = asked[:2] + b"\x81\x80\0\1" + struct.pack(">HHH", answers, 0, 0)
        record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + packed
        source = (socket.IPPROTO_IP, IP_PKTINFO, struct.pack("=i4s4s", 0, asked_at, bytes(4)))
        sock.sendmsg([head, asked[12:end], record * answers], [source], 0, client)


def main(log, address, certificate, *places):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    log = Log(log)
    for place in places:
        with contextlib.suppress(OSError):
            listener = listen(place)
            arguments = (log, context, listener)
            threading.Thread(target=accept, args=arguments, daemon=True).start()
    threading.Thread(target=names, args=(address,), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
