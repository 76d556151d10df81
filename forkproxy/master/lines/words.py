"""A line of commands as words."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.master.commands import Level, Master


@dataclass(slots=True)
class Line:
    """One command: its words, and who says it.

    Attributes:
        client: who gets an answer that takes its time.
        payload: what came behind "<<", "" for nothing.
    """

    master: Master
    client: int
    words: list[str]
    payload: str = ""
    level: Level = Level.ADMIN

    def word(self, index: int) -> str:
        """Return one word, "" where there are fewer."""
        return self.words[index] if index < len(self.words) else ""


def split(text: str) -> list[list[str]]:
    """Return the commands of a line; a backslash takes the meaning of what follows it."""
    commands: list[list[str]] = [[]]
    word = ""
    begun = escaped = False
    for letter in text:
        if escaped:
            word, escaped = word + letter, False
        elif letter == "\\":
            begun = escaped = True
        elif letter == ";" or letter.isspace():
            if begun:
                commands[-1].append(word)
                word, begun = "", False
            if letter == ";":
                commands.append([])
        else:
            word, begun = word + letter, True
    if begun:
        commands[-1].append(word)
    return [words for words in commands if words]
