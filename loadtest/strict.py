"""A client that notices what wrk does not: `python -m loadtest.strict PORT SECONDS KEPT FRESH`.

KEPT connections are used again and again, FRESH ones once each. Nothing is ever sent twice: each
request ends in exactly one outcome. A kept connection that the proxy closed while nothing was
outstanding is no failure, and looked for before each request, as RFC 9112 §9.3.1 has a client do;
one closed after a request went out is, even before the first octet of an answer: that is the
request a browser would have lost. Prints one JSON line of outcomes.
"""

import json
import select
import socket
import sys
import threading
import time
from collections import Counter
from dataclasses import astuple, dataclass, field

from loadtest.address import LOOPBACK

OK = "ok"
IDLE_CLOSED = "idle closed"  # no failure
SUCCESSES = frozenset({OK, IDLE_CLOSED})
_LATE = 10.0  # seconds without an octet after which an answer is given up
_PAUSE = 0.005  # seconds between the requests of every other kept connection
_RETRY = 0.01  # seconds after a failure, so that a dead proxy is not a spinning client
_KEPT = b"GET /1024 HTTP/1.1\r\nHost: strict\r\n\r\n"
_FRESH = b"GET /1024 HTTP/1.1\r\nHost: strict\r\nConnection: close\r\n\r\n"


class RequestError(Exception):
    """A request failed; the text is the kind of failure."""


@dataclass(frozen=True, slots=True)
class Event:
    """A request that ended, and when its connection was opened, in monotonic seconds."""

    at: float
    opened_at: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the client says at its end.

    Attributes:
        outcomes: how many requests ended in which way.
        events: every failure, and the first success of each connection.
    """

    outcomes: dict[str, int]
    events: list[Event]

    def failures(self) -> dict[str, int]:
        """Return how many failed, by kind."""
        return {kind: count for kind, count in self.outcomes.items() if kind not in SUCCESSES}


def command(port: int, seconds: float, keep: int, once: int) -> list[str]:
    """Return the words that run this as a program."""
    words = [sys.executable, "-m", __spec__.name, port, seconds, keep, once]
    return [str(word) for word in words]


def parse(text: str) -> Report:
    """Parse what it printed. Raises ValueError where that is no report."""
    try:
        tree = json.loads(text.splitlines()[-1])
        return Report(tree["outcomes"], [Event(*event) for event in tree["events"]])
    except (IndexError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"the strict client failed: {text.strip()}") from error


@dataclass(slots=True)
class Tally:
    """What became of the requests so far, of all threads."""

    until: float
    outcomes: Counter[str] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, outcome: str, opened: float, first: bool) -> None:
        with self.lock:
            self.outcomes[outcome] += 1
            if first or outcome not in SUCCESSES:
                self.events.append(Event(time.monotonic(), opened, outcome))


class Connection:
    """One connection to the proxy. Its methods raise RequestError."""

    def __init__(self, port: int) -> None:
        self.opened = time.monotonic()
        self.served = 0  # answers so far
        try:
            self._socket = socket.create_connection((LOOPBACK, port), timeout=_LATE)
        except ConnectionRefusedError:
            raise RequestError("refused") from None
        except OSError:
            raise RequestError("not connected") from None
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._socket.close()

    def ended(self) -> bool:
        """Tell whether the proxy has closed it, with no request outstanding."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def ask(self, request: bytes) -> bool:
        """Send a request and read the answer to its end; return whether another may follow."""
        started = b""
        try:
            self._socket.sendall(request)
            head, body = self._head()
            started = head
            keep = self._body(head, body)
        except TimeoutError:
            raise RequestError("no answer in time") from None
        except (BrokenPipeError, ConnectionResetError):
            raise RequestError("reset within the answer" if started else "reset") from None
        self.served += 1
        return keep

    def _head(self) -> tuple[bytes, bytes]:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self._socket.recv(65536)
            if not piece:
                raise RequestError("closed within the head" if data else "closed unanswered")
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        return head.lower(), body

    def _body(self, head: bytes, body: bytes) -> bool:
        status = head.split(b" ", 2)[1]
        length = _content_length(head)
        missing = length - len(body)
        while missing > 0:
            piece = self._socket.recv(65536)
            if not piece:
                raise RequestError("closed within the body")
            missing -= len(piece)
        if status != b"200":
            raise RequestError(f"status {status.decode('latin-1')}")
        return b"\r\nconnection: close" not in head


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    # Our origin always gives a length, and no proxy has a reason to take it away.
    raise RequestError("an answer without a length")


def fresh(port: int, tally: Tally) -> None:
    """Ask on a new connection each time, until time is up."""
    while time.monotonic() < tally.until:
        opened = time.monotonic()
        try:
            connection = Connection(port)
            try:
                connection.ask(_FRESH)
            finally:
                connection.close()
        except RequestError as failure:
            tally.add(str(failure), opened, first=True)
            time.sleep(_RETRY)
        else:
            tally.add(OK, opened, first=True)


def kept(port: int, tally: Tally, pause: float) -> None:
    """Ask on one connection as long as the proxy leaves it open, then on the next."""
    while time.monotonic() < tally.until:
        opened = time.monotonic()
        try:
            connection = Connection(port)
        except RequestError as failure:
            tally.add(str(failure), opened, first=True)
            time.sleep(_RETRY)
            continue
        try:
            _use(connection, tally, pause)
        except RequestError as failure:
            tally.add(str(failure), opened, first=not connection.served)
            time.sleep(_RETRY)
        finally:
            connection.close()


def _use(connection: Connection, tally: Tally, pause: float) -> None:
    keep = True
    while keep and time.monotonic() < tally.until:
        if connection.ended():
            tally.add(IDLE_CLOSED, connection.opened, first=False)
            return
        keep = connection.ask(_KEPT)
        tally.add(OK, connection.opened, first=connection.served == 1)
        time.sleep(pause)


def run(port: int, seconds: float, keep: int, once: int) -> Tally:
    """Run so many connections of each sort; return what became of their requests."""
    tally = Tally(until=time.monotonic() + seconds)
    threads = [
        # Half of them are back to back, so that closing finds them busy; half pause, so that
        # it finds them idle.
        threading.Thread(target=kept, args=(port, tally, _PAUSE * (index % 2)))
        for index in range(keep)
    ]
    threads += [threading.Thread(target=fresh, args=(port, tally)) for _ in range(once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


if __name__ == "__main__":
    done = run(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    events = [astuple(event) for event in done.events]
    print(json.dumps({"outcomes": done.outcomes, "events": events}))
