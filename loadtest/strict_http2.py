"""HTTP/2 clients that notice everything: `python -m loadtest.strict_http2 PORT SECONDS N STREAMS`.

N connections have up to STREAMS requests under way each; every other one pauses when all are
answered, so that a reload finds it quiet. A connection that the proxy is leaving is given nothing
new and read to its end, and the next is opened. No failure is what GOAWAY says was not processed,
and a connection that is closed with nothing under way; all else that is no whole 200 is. Prints one
JSON line: {"outcomes": {..}, "connections": ..}.
"""

import json
import sys
import threading
import time
from dataclasses import asdict, dataclass, field

from loadtest.http2_client import OK, UNPROCESSED, Client, connect

IDLE_CLOSED = "idle closed"  # no failure
SUCCESSES = frozenset({OK, UNPROCESSED, IDLE_CLOSED})
_PAUSE = 0.3  # seconds: longer than a proxy takes a client to be busy
_RETRY = 0.01  # seconds after a failure, so that a dead proxy is not a spinning client


@dataclass(slots=True)
class Report:
    """What the program says at its end.

    Attributes:
        outcomes: how many requests ended in which way.
        connections: how many were opened.
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    connections: int = 0

    def failures(self) -> dict[str, int]:
        """Return how many failed, by kind."""
        return {kind: count for kind, count in self.outcomes.items() if kind not in SUCCESSES}


def command(port: int, seconds: float, count: int, streams: int) -> list[str]:
    """Return the words that run this as a program."""
    words = [sys.executable, "-m", __spec__.name, port, seconds, count, streams]
    return [str(word) for word in words]


def parse(text: str) -> Report:
    """Parse what it printed. Raises ValueError where that is no report."""
    try:
        return Report(**json.loads(text.splitlines()[-1]))
    except (IndexError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"the HTTP/2 client failed: {text.strip()}") from error


def use(client: Client, until: float, streams: int, pause: float) -> list[str]:
    """Ask on one connection until it or the time is over; return what became of each request."""
    ended: list[str] = []
    try:
        while client.waiting or (time.monotonic() < until and not client.leaving):
            if not client.leaving and time.monotonic() < until:
                client.ask(streams - client.waiting if not pause or not client.waiting else 0)
            ended += client.outcomes()
            if not client.waiting:
                time.sleep(pause)
    except (EOFError, ConnectionResetError, BrokenPipeError):
        # What was sent to a connection that was quiet and just then left, its GOAWAY tells.
        ended += client.left() or [IDLE_CLOSED]
    except TimeoutError:
        ended += ["no answer in time"] * len(client.left())
    return ended


def _serve(port: int, until: float, streams: int, pause: float, report: Report) -> None:
    while time.monotonic() < until:
        try:
            connection = connect(port)
        except OSError as error:
            ended = [f"not connected: {type(error).__name__}"]
        else:
            client = Client(connection)
            ended = use(client, until, streams, pause)
            client.close()
        with _lock:
            report.connections += 1
            for outcome in ended:
                report.outcomes[outcome] = report.outcomes.get(outcome, 0) + 1
        if not SUCCESSES.issuperset(ended):
            time.sleep(_RETRY)


_lock = threading.Lock()


def run(port: int, seconds: float, count: int, streams: int) -> Report:
    """Run so many connections; return what became of their requests."""
    report, until = Report(), time.monotonic() + seconds
    threads = [
        threading.Thread(target=_serve, args=(port, until, streams, _PAUSE * (index % 2), report))
        for index in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report


if __name__ == "__main__":
    print(json.dumps(asdict(run(int(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:5])))))
