"""One request to the API, however it came: over the control socket, or by a location."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from forkproxy.master.commands import Master
from forkproxy.master.reply import Refused


@dataclass
class Call:
    """A method, a path below the API's location, and what comes with them.

    Attributes:
        client: who gets an answer that takes its time.
        path: as sent, without the query.
        write: whether it may change anything.
        address: where it came in.
        version: of the API; set by the path.
    """

    master: Master
    client: int
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    write: bool = True
    address: str = "unix:"
    version: int = field(default=9, init=False)

    @cached_property
    def arguments(self) -> dict[str, str]:
        """The query."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def fields(self) -> list[str] | None:
        """What `?fields=` asks for; None: everything, empty: the names alone."""
        given = self.arguments.get("fields")
        return None if given is None else [name for name in given.split(",") if name]

    @property
    def forced(self) -> bool:
        """Whether `?force=1` says that it is meant, last server or not."""
        return self.arguments.get("force", "0") not in ("0", "false", "")

    def content(self) -> dict[str, Any]:
        """Return the body, a JSON object. Raises Refused."""
        if not self.body:
            raise Refused("request body is empty", "BodyReadError")
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refused("json error", "JsonError", 415) from None
        if not isinstance(found, dict):
            raise Refused("json error", "JsonError", 415)
        return found

    def limited(self, found: dict[str, Any]) -> dict[str, Any]:
        """Return an object with the fields asked for."""
        wanted = self.fields
        return found if wanted is None else {k: v for k, v in found.items() if k in wanted}

    def collection(self, found: dict[str, dict[str, Any]]) -> Any:
        """Return objects by name, each with the fields asked for; the names alone for none."""
        if self.fields == []:
            return list(found)
        return {name: self.limited(one) for name, one in found.items()}
