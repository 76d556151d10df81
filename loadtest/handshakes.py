"""Handshakes that resume sessions: `python -m loadtest.handshakes PORT SECONDS [VERSION]`.

One connection after another asks for 1 KiB and resumes the session of the one before. Prints one
JSON line: {"handshakes": .., "resumed": .., "failed": ..}.
"""

import contextlib
import json
import socket
import ssl
import sys
import time
from dataclasses import asdict, dataclass

from loadtest.address import LOOPBACK

_LATE = 10.0  # seconds that a connection may take
_REQUEST = b"GET /1024 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(slots=True)
class Report:
    """What the program says at its end."""

    handshakes: int = 0
    resumed: int = 0
    failed: int = 0


def command(port: int, seconds: float, version: str) -> list[str]:
    """Return the words that run this as a program."""
    return [sys.executable, "-m", __spec__.name, str(port), str(seconds), version]


def parse(text: str) -> Report:
    """Parse what it printed. Raises ValueError where that is no report."""
    try:
        return Report(**json.loads(text.splitlines()[-1]))
    except (IndexError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"the handshakes failed: {text.strip()}") from error


def run(port: int, seconds: float, version: str) -> Report:
    """Shake hands until the time is up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = VERSIONS[version]
    report = Report()
    session: ssl.SSLSession | None = None
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            session, reused = _once(context, port, session)
        except (OSError, ValueError):
            report.failed += 1
            continue
        report.handshakes += 1
        report.resumed += reused
    return report


def _once(
    context: ssl.SSLContext, port: int, session: ssl.SSLSession | None
) -> tuple[ssl.SSLSession | None, bool]:
    plain = socket.create_connection((LOOPBACK, port), timeout=_LATE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with (
        contextlib.closing(plain),
        context.wrap_socket(plain, server_hostname="localhost", session=session) as connection,
    ):
        connection.sendall(_REQUEST)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise ValueError("no answer")
        return connection.session, bool(connection.session_reused)


def main() -> None:
    """Run it as the command line says."""
    port, seconds, version = sys.argv[1:]
    print(json.dumps(asdict(run(int(port), float(seconds), version))))


if __name__ == "__main__":
    main()
