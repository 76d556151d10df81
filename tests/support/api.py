"""A client of the REST API on a control socket, or at a location."""

import http.client
import json
import urllib.request

from tests.support.eventually import PATIENCE
from tests.support.sockets import connect


def api(where, method, path, data=None):
    """Return (status, data) of one request; `where` is "unix:/path" or "127.0.0.1:80"."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = connect(where, timeout=PATIENCE)
    body = None if data is None else json.dumps(data)
    connection.request(method, path, body)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, json.loads(content) if content else None


def line(where, text):
    """Return what the line protocol answers."""
    with connect(where, timeout=PATIENCE) as sock:
        sock.sendall(text.encode() + b"\n")
        return b"".join(iter(lambda: sock.recv(65536), b"")).decode()


def scraped(where):
    """Return what an exporter of Prometheus says; nothing where it has not begun."""
    try:
        with urllib.request.urlopen(f"http://{where}/metrics", timeout=PATIENCE) as answer:
            return answer.read().decode()
    except OSError:
        return ""
