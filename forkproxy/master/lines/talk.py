"""HAProxy's runtime protocol on one connection.

A line is one or more commands, with ";" between them. Each answer ends with an empty line, and
then the connection ends, unless `prompt` made it a conversation. A command whose last word is
"<<" is followed by a payload, up to an empty line.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from forkproxy.master.commands import Level, Master
from forkproxy.master.lines.table import answer
from forkproxy.master.lines.words import Line, split
from forkproxy.master.reply import Reply
from forkproxy.units import parse_duration

LONGEST_LINE = 65536  # octets
LONGEST_PAYLOAD = 4 * 1024 * 1024
PATIENCE = 10.0  # seconds, until `set timeout cli` says otherwise
PROMPT = b"\n> "
# HAProxy ends these without its empty line; scripts that compare them find them so.
UNENDED = ("Server deleted.", "Only servers in maintenance mode can be deleted.")
TOO_LONG = Reply(f"The line is too long: {LONGEST_LINE} octets are the most.", status=400)

Question = Callable[[], Reply | None]


class LineTongue:
    """The lines of one connection."""

    def __init__(self, master: Master, client: int, level: Level) -> None:
        self.over = False
        self.patience = PATIENCE
        self._master = master
        self._client = client
        self._level = level
        self._waiting: list[list[str]] = []  # commands of a line that have not been asked
        self._payload = ""
        self._lines = 0  # read so far
        self._prompt = False

    def next(self, asked: bytearray, *, ended: bool) -> Question | None:
        """Take the next command off the front of what came; None while it is incomplete."""
        while not self._waiting:
            if self._lines and not self._prompt:
                self.over = True
                return None
            line = self._take_line(asked, ended=ended)
            if line is None:
                self.over = self.over or ended
                return None
            self._lines += 1
            if len(line) > LONGEST_LINE:
                self._prompt = False
                return lambda: TOO_LONG
            self._waiting = split(line.decode("utf-8", "surrogateescape")) or [[]]
        words = self._waiting.pop(0)
        if words[:1] in (["quit"], ["exit"]):
            self.over = True
            return None
        return functools.partial(self._ask, words)

    def _take_line(self, asked: bytearray, *, ended: bool) -> bytes | None:
        """Move a line, and its payload, out of what came; None where there is more to come."""
        end = asked.find(b"\n")
        if end < 0:
            if len(asked) <= LONGEST_LINE and not (ended and asked):
                return None
            end = len(asked)
        line = bytes(asked[:end]).strip()
        after = end + 1
        self._payload = ""
        if line.endswith(b"<<"):
            empty = asked.find(b"\n\n", end)
            if empty < 0:
                if not ended and len(asked) - after <= LONGEST_PAYLOAD:
                    return None
                empty = len(asked)
            self._payload = asked[after:empty].decode("utf-8", "surrogateescape")
            after = empty + 2
            line = line[:-2]
        del asked[:after]
        return line

    def _ask(self, words: list[str]) -> Reply | None:
        if words[:1] == ["prompt"]:
            self._prompt = not self._prompt
            return Reply()
        if words[:3] == ["set", "timeout", "cli"]:
            return self._set_timeout(words[3:])
        return answer(Line(self._master, self._client, words, self._payload, self._level))

    def _set_timeout(self, words: list[str]) -> Reply:
        try:
            self.patience = parse_duration(words[0] if words else "")
        except ValueError:
            return Reply("Invalid timeout value.", status=400)
        return Reply()

    def say(self, reply: Reply) -> bytes:
        """Return an answer as octets."""
        # An empty line inside an answer would end it.
        text = re.sub(r"\n{2,}", "\n", reply.text.strip("\n"))
        if text and text not in UNENDED:
            text += "\n"
        return text.encode("utf-8", "surrogateescape") + (PROMPT if self._prompt else b"\n")
