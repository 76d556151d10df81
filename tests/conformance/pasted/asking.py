"""Start a server on the configuration of this place, ask it everything, and end it."""

import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import zlib
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from tests.conformance.pasted import place
from tests.support.eventually import eventually

OURS = "forkproxy"
LOG = "/run/asked"  # what the origins write
START, PATIENCE = 15.0, 4.0  # seconds until a server listens; until an answer is given up
SETTLE = 1.0  # seconds in which a 502 may be that of a name that is being looked up
# Fields that are of the moment, or of the connection, on either side.
OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"}
UNTOLD = {"connection", "SERVER_SOFTWARE", "REMOTE_PORT"}  # the same of what origins are told


class Answer(NamedTuple):
    """What came back, and what the origins were asked for it."""

    status: str
    fields: tuple = ()
    body: str = ""
    asked: tuple = ()


def command(binary, *options):
    """Return how a server is started that has nginx's command line."""
    start = [sys.executable, "-m", "forkproxy.cli.nginx"] if binary == OURS else [binary]
    return [*start, "-p", "/usr/share/nginx/", "-c", place.CONF, *options]


def verdict(binary):
    """Return the errors that `-t` names, none where it is content."""
    found = subprocess.run(command(binary, "-t"), capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return []
    wrong = [line for line in found.stderr.splitlines() if "[emerg]" in line]
    return wrong or [found.stderr]


def serve(binary, questions):
    """Return the answers of a server that finds the place as it was made. Raises OSError."""
    place.forget()
    with open("/run/output", "w+") as output:
        start = command(binary, "-g", "daemon off;")
        server = subprocess.Popen(start, stdout=output, stderr=output)
        try:
            try:
                eventually(lambda: _listens(server, questions[0].place), START, "it listens")
            except (AssertionError, RuntimeError):
                output.seek(0)
                raise OSError(f"it does not start: {output.read()[-600:]}") from None
            with open(LOG) as log:
                # Names of upstreams are looked up by both once they serve: for that time it is 502.
                with contextlib.suppress(AssertionError):
                    eventually(lambda: "502" not in ask(questions[0], log).status, SETTLE)
                log.seek(0, os.SEEK_END)
                return [ask(question, log) for question in questions]
        finally:
            server.terminate()
            server.wait(30)


def _listens(server, address):
    if server.poll() is not None:
        raise RuntimeError("it has ended")
    with _socket(address) as sock:
        return sock.connect_ex(_address(address)) == 0


def _socket(address):
    family = socket.AF_INET6 if ":" in str(address[0]) else socket.AF_INET
    sock = socket.socket(socket.AF_UNIX if len(address) == 1 else family)
    sock.settimeout(PATIENCE)
    return sock


def _address(address):
    return address if len(address) > 1 else address[0]


def ask(question, log):
    """Ask one question on a connection of its own."""
    try:
        octets = exchange(question)
    except OSError as error:
        return Answer(f"<{error}>", asked=_heard(log))
    try:
        return read(octets, _heard(log))
    except (ValueError, EOFError, zlib.error) as error:
        return Answer(f"<{error!r}>", body=octets.decode("latin-1"))


def exchange(question):
    """Send a request; return the octets of the whole answer. Raises OSError."""
    octets = question.octets
    with _socket(question.place) as sock:
        sock.connect(_address(question.place))
        if question.tls:
            if octets.startswith(b"PROXY"):
                line, _, octets = octets.partition(b"\r\n")
                sock.sendall(line + b"\r\n")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            sock = context.wrap_socket(sock, server_hostname=question.name)
        with sock:
            sock.sendall(octets)
            return _everything(sock)


def _everything(sock):
    octets = b""
    try:
        while piece := sock.recv(65536):
            octets += piece
            if octets.startswith(b"HTTP/1.1 101") and octets.endswith(b"hello"):
                break
    except TimeoutError:
        octets += b"<and waits>"
    except (ConnectionError, ssl.SSLError):
        octets += b"<cut>"
    return octets


def read(octets, asked=()):
    """Return an answer without what must differ: names of the server, codings, moments."""
    head, _, body = octets.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    fields = [tuple(field.split(": ", 1)) for field in rest if ": " in field]
    known = {name.lower(): value for name, value in fields}
    if "chunked" in known.get("transfer-encoding", ""):
        body = _unchunked(body)
    if known.get("content-encoding") == "gzip" and body:
        body = zlib.decompress(body, 31)
    if "expires" in known:
        after = _since(known.get("date"), known["expires"])
        fields = [(n, after if n.lower() == "expires" else v) for n, v in fields]
    kept = sorted((n.lower(), v) for n, v in fields if n.lower() not in OWN)
    text = re.sub(r"(nginx|forkproxy)(/[\w.+-]+)?", "nginx", body.decode("latin-1"))
    return Answer(line.partition(" ")[2], tuple(kept), text, asked)


def _since(date, expires):
    """Return how long after its answer something expires."""
    with contextlib.suppress(ValueError, TypeError):
        return str(parsedate_to_datetime(expires) - parsedate_to_datetime(date))
    return expires


def _unchunked(octets):
    body = b""
    while octets:
        size, _, octets = octets.partition(b"\r\n")
        length = int(size.partition(b";")[0] or b"0", 16)
        if not length:
            break
        body, octets = body + octets[:length], octets[length + 2 :]
    return body


def _heard(log):
    """Return what the origins were asked since the last time."""
    found = []
    for line in log:
        told = json.loads(line)
        fields = sorted((n, v) for n, v in told["fields"] if n not in UNTOLD)
        found.append((told["kind"], told["line"], tuple(fields), told["body"]))
    return tuple(sorted(found))
