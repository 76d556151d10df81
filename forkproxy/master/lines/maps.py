"""Maps and ACLs: our keyval zones. An entry of an ACL is a key with the value 1."""

from __future__ import annotations

from forkproxy.master.keyvals import Pair
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply

UNKNOWN = "Unknown map identifier. Please use #<id> or <file>."
ACL_VALUE = "1"


def show_map(line: Line) -> Reply:
    """List the zones, or what is in one."""
    keyvals = line.master.keyvals
    if not line.word(2):
        names = [f"{number} ({name}) keyval zone" for number, name in enumerate(keyvals.names())]
        return Reply("\n".join(["# id (file) description", *names]))
    name = _zone(line, 2)
    pairs = keyvals.of(name).pairs(name)
    entries = enumerate(sorted(pairs.items()), 1)
    if line.word(1) == "acl":
        return Reply("\n".join(f"0x{number:x} {key}" for number, (key, _) in entries))
    return Reply("\n".join(f"0x{number:x} {key} {value}" for number, (key, value) in entries))


def get_map(line: Line) -> Reply:
    """Say what a request would find."""
    name = _zone(line, 2)
    key = line.word(3)
    value = line.master.keyvals.of(name).value(name, key)
    if value is None:
        return Reply("type=str, case=sensitive, found=no")
    found = f'type=str, case=sensitive, found=yes, idx=tree, key="{key}"'
    if line.word(1) == "acl":
        return Reply(found)
    return Reply(f'{found}, value="{value}", type="str"')


def add_map(line: Line) -> Reply | None:
    """Add a pair, or those of a payload: a key and a value a line."""
    name = _zone(line, 2)
    pairs = dict(_pair(words) for words in _given(line)) if line.payload else _words(line)
    line.master.keyvals.of(name).add(name, pairs)
    return line.master.keyvals_known(line.client, Reply())


def _given(line: Line) -> list[list[str]]:
    return [words for text in line.payload.splitlines() if (words := text.split(None, 1))]


def _words(line: Line) -> dict[str, Pair]:
    wanted = 4 if line.word(1) == "acl" else 5
    if len(line.words) < wanted:
        raise Refused("'add map' expects three parameters (map identifier, key and value)", "", 400)
    return dict([_pair(line.words[3:])])


def _pair(words: list[str]) -> tuple[str, Pair]:
    return words[0], (" ".join(words[1:]) or ACL_VALUE, None)


def set_map(line: Line) -> Reply | None:
    """Change the value of a key."""
    name = _zone(line, 2)
    if len(line.words) < 5:
        raise Refused("'set map' expects three parameters: map identifier, key and value.", "")
    try:
        line.master.keyvals.of(name).change(name, {line.word(3): (line.word(4), None)})
    except Refused as refused:
        raise _spoken(refused, "entry not found.") from None
    return line.master.keyvals_known(line.client, Reply())


def del_map(line: Line) -> Reply | None:
    """Delete a key."""
    name = _zone(line, 2)
    try:
        line.master.keyvals.of(name).change(name, {line.word(3): None})
    except Refused as refused:
        raise _spoken(refused, "Key not found.") from None
    return line.master.keyvals_known(line.client, Reply())


def clear_map(line: Line) -> Reply | None:
    """Delete all keys."""
    name = _zone(line, 2)
    line.master.keyvals.of(name).clear(name)
    return line.master.keyvals_known(line.client, Reply())


def _zone(line: Line, index: int) -> str:
    """Return the zone that a word names, by itself or as #number. Raises Refused."""
    names, word = line.master.keyvals.names(), line.word(index)
    if word.startswith("#") and word[1:].isdecimal() and int(word[1:]) < len(names):
        return names[int(word[1:])]
    if word not in names:
        raise Refused(UNKNOWN, "KeyvalNotFound", 404)
    return word


def _spoken(refused: Refused, text: str) -> Refused:
    """Return a refusal in HAProxy's words where it is that a key is not there."""
    if refused.code == "KeyvalKeyNotFound":
        return Refused(text, refused.code, refused.status)
    return refused
