"""A client of the control socket: one question over HTTP, one answer in JSON."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from forkproxy.errors import ForkproxyError

PLACE = "/api/9/forkproxy/"
PATIENCE = 90.0  # seconds: an upgrade may take a minute before it is given up


class ControlError(ForkproxyError):
    """The master cannot be asked, or its answer is none."""


class NobodyListensError(ControlError):
    """There is no socket at the path, or no process behind it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the master said."""

    status: int  # of HTTP
    data: dict[str, Any]

    @property
    def text(self) -> str:
        """The sentence in it, of a success or of an error."""
        return str(self.data.get("error", self.data).get("text", ""))


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)


def ask(path: str, method: str, *words: str) -> Answer:
    """Ask the master behind the socket at a path; `words` are a command of ours and its arguments.

    Raises ControlError.
    """
    connection = _Connection(path)
    try:
        connection.request(method, PLACE + "/".join(quote(word, safe="") for word in words))
        response = connection.getresponse()
        return Answer(response.status, json.loads(response.read()))
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NobodyListensError(f"no forkproxy answers at {path}") from error
    except OSError as error:
        raise ControlError(f"{path}: {error.strerror or error}") from error
    except (http.client.HTTPException, ValueError) as error:
        raise ControlError(f"{path}: the answer makes no sense ({error!r})") from error
    finally:
        connection.close()
