"""A client of raw octets: sends exactly what it is given, reads strictly what comes back."""

import socket

from tests.support.eventually import PATIENCE
from tests.support.messages import Reader
from tests.support.sockets import connect, reset


class Client:
    """One connection to `address` ("127.0.0.1:80", "[::1]:80" or "unix:/path").

    Every wait is bounded by `timeout` seconds, and raises TimeoutError.
    """

    def __init__(self, address, timeout=PATIENCE):
        self.socket = connect(address, timeout)
        self.reader = Reader(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def response(self, to=b"GET"):
        """Return the next response, interim ones included, to a request of method `to`."""
        return self.reader.response(to)

    def final(self, to=b"GET"):
        """Return the next response that is not an interim one; 101 is final."""
        while True:
            response = self.response(to)
            if response.status == 101 or response.status >= 200:
                return response

    def ask(self, octets, to=b"GET"):
        """Send a request and return its final response."""
        self.send(octets)
        return self.final(to)

    def get(self, target=b"/", *fields):
        """Send a GET with `Host: localhost` and the field lines given; return the response."""
        return self.ask(request(b"GET", target, *fields))

    def rest(self):
        """Return every octet up to the end of the stream."""
        return self.reader.rest()

    def closed(self):
        """Tell whether the other side closes, saying nothing more, within the time limit."""
        try:
            return self.reader.rest() == b""
        except ConnectionResetError:
            return True

    def half_close(self):
        """Say that nothing more will be sent; reading goes on."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """Leave by RST."""
        reset(self.socket)

    def close(self):
        self.socket.close()


def request(method, target, *fields, body=b"", host=b"localhost"):
    """Return the octets of an HTTP/1.1 request; Content-Length is added for a body."""
    lines = [b"%s %s HTTP/1.1" % (method, target), b"Host: " + host, *fields]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def ask(address, octets, to=b"GET", timeout=PATIENCE):
    """Send `octets` on a connection of their own and return the final response."""
    with Client(address, timeout) as client:
        return client.ask(octets, to)


def get(address, target=b"/", *fields, timeout=PATIENCE):
    """GET `target` on a connection of its own."""
    return ask(address, request(b"GET", target, *fields), timeout=timeout)
