"""A server that answers by script, and keeps every octet it was sent.

A script is a function that is called with a Peer for each connection, in a thread
of its own. It reads requests, sends octets, waits for events, closes or resets, in
whatever order the test needs:

    def early(peer):
        peer.head()
        peer.send(b"HTTP/1.1 413 Too Large\\r\\nContent-Length: 0\\r\\n\\r\\n")

    with Origin(early) as origin:
        ...
"""

import contextlib
import socket
import threading

from tests.support.eventually import PATIENCE, eventually
from tests.support.messages import ClosedError, Reader, Request
from tests.support.sockets import reset


class Peer:
    """One connection that an origin accepted: what a script works with.

    Attributes:
        number: of the connection, from 0.
        reader: what to read anything else with.
        raw: every octet that came.
        origin: the Origin; its event `closing` is set when the test is over.
    """

    def __init__(self, sock, number, origin):
        self.socket = sock
        self.number = number
        self.reader = Reader(sock, record=True)
        self.origin = origin

    @property
    def raw(self):
        return bytes(self.reader.heard)

    def request(self):
        """Read one request with its body, and record it."""
        return self._record(self.reader.request())

    def head(self):
        """Read one request's head, and record it; the body is left unread."""
        return self._record(self.reader.head(Request))

    def _record(self, request):
        request.connection = self.number
        self.origin.requests.append(request)
        return request

    def send(self, *pieces):
        """Send each piece by itself."""
        for piece in pieces:
            self.socket.sendall(piece)

    def gone(self):
        """Wait for the other side to close or reset; what it still sends is dropped."""
        with contextlib.suppress(ConnectionError):
            self.reader.rest()

    def closed(self):
        """Tell whether the script has ended and the connection with it."""
        return self.socket.fileno() < 0

    def leave(self):
        """Close from another thread than the script's."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def reset(self):
        """Close by RST."""
        reset(self.socket)


class Origin:
    """Listens on loopback, or on the unix socket at `path`, from the moment it is made.

    Attributes:
        address: as nginx writes it: "127.0.0.1:PORT" or "unix:/path".
        requests: what the scripts read, in the order it came.
        peers: the connections accepted, in order.
        faults: what scripts died of, but for the other side's leaving.
    """

    def __init__(self, script=None, path=None, receive_buffer=None):
        self.script = script or echo
        self.requests = []
        self.peers = []
        self.faults = []
        self.closing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind(str(path) if path else ("127.0.0.1", 0))
        self._listener.listen(128)
        if path:
            self.address = f"unix:{path}"
        else:
            self.port = self._listener.getsockname()[1]
            self.address = f"127.0.0.1:{self.port}"
        self._acceptor = threading.Thread(target=self._accept, name="origin", daemon=True)
        self._acceptor.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def last(self):
        """The request that came last."""
        return self.requests[-1]

    def wait(self, count, within=PATIENCE):
        """Return the requests once there are `count`."""
        eventually(lambda: len(self.requests) >= count, within, f"{count} requests at the origin")
        return self.requests

    def close(self):
        """Stop listening and close every connection."""
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for peer in self.peers:
            peer.leave()
            peer.socket.close()
        self._acceptor.join(PATIENCE)

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(PATIENCE)
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(sock, len(self.peers), self)
            self.peers.append(peer)
            threading.Thread(target=self._run, args=(peer,), name="peer", daemon=True).start()

    def _run(self, peer):
        try:
            self.script(peer)
        except (ClosedError, OSError):
            pass  # the other side left, or the test is over
        except Exception as fault:
            self.faults.append(fault)
        finally:
            peer.socket.close()


def response(body=b"", *fields, status=b"200 OK"):
    """Return the octets of a response with a Content-Length."""
    lines = [b"HTTP/1.1 " + status, *fields, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(pieces, *fields, trailers=()):
    """Return the octets of a chunked response, a chunk for each piece."""
    head = b"\r\n".join([b"HTTP/1.1 200 OK", *fields, b"Transfer-Encoding: chunked"])
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return (
        head + b"\r\n\r\n" + chunks + b"0\r\n" + b"".join(t + b"\r\n" for t in trailers) + b"\r\n"
    )


def echo(peer):
    """Answer each request with its own octets, for as long as the connection lives."""
    while True:
        asked = peer.request()
        body = b"" if asked.method == b"HEAD" else asked.raw
        peer.send(response(body, b"Content-Type: text/plain"))
        if asked.minor == 0 or asked.get(b"connection", b"").lower() == b"close":
            return


def answers(*octets, close=False):
    """Return a script: the first request gets the first answer, the last answer is repeated."""
    remaining = list(octets)
    lock = threading.Lock()

    def script(peer):
        while True:
            asked = peer.request()
            with lock:
                answer = remaining.pop(0) if len(remaining) > 1 else remaining[0]
            peer.send(answer)
            if close or asked.minor == 0:
                return

    return script


def silent(peer):
    """Read whatever comes, and never answer."""
    peer.gone()


def deaf(peer):
    """Never read, never answer; hold the connection until the origin closes."""
    peer.origin.closing.wait(PATIENCE)


def hangs_up(peer):
    """Read a request, then close without an answer."""
    peer.request()


def resets(peer):
    """Read a request, then reset."""
    peer.request()
    peer.reset()
