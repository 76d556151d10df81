"""The bans of limit_req as keyval zones: a key's value is how many seconds it has left.

They are in memory that all processes share, so what is changed here holds everywhere at once.
Keys are shown, and taken, as a person writes them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from forkproxy.master.reply import Refused
from forkproxy.shared import bans
from forkproxy.shared.bans import BanTable

Pair = tuple[str | None, float | None]  # the value says nothing; seconds, None: the zone's


def shown(key: bytes) -> str:
    """Return a key as text: an address where it is one ($binary_remote_addr), else what it says."""
    try:
        text = key.decode()
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable() and " " not in text:
        return text
    if len(key) in (4, 16):
        return str(ipaddress.ip_address(key))
    return f"hex:{key.hex()}"


def meant(text: str, *, packed: bool) -> bytes:
    """Return the key that a text shows; `packed`: addresses are in binary. Raises ValueError."""
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    if packed:
        return ipaddress.ip_address(text).packed
    return text.encode("utf-8", "surrogateescape")


class BanZones:
    """The bans of each zone that has some `ban=`. What names none raises Refused."""

    def names(self) -> list[str]:
        """Return the zones' names."""
        return sorted(bans.every())

    def pairs(self, name: str) -> dict[str, str]:
        """Return who is banned, and for how many seconds more."""
        return {shown(key): str(round(left)) for _, key, left in _zone(name).banned()}

    def value(self, name: str, key: str) -> str | None:
        """Return for how many seconds a key is banned."""
        return self.pairs(name).get(key)

    def add(self, name: str, pairs: Mapping[str, Pair]) -> None:
        """Ban keys that are not."""
        there = self.pairs(name)
        if any(key in there for key in pairs):
            raise Refused("key already exists", "KeyvalKeyExists", 409)
        self._ban(_zone(name), pairs)

    def change(self, name: str, pairs: Mapping[str, Pair | None]) -> None:
        """Ban for another time, or lift: None."""
        table = _zone(name)
        there = {shown(key): tag for tag, key, _ in table.banned()}
        if any(key not in there for key in pairs):
            raise Refused("key not found", "KeyvalKeyNotFound", 404)
        self._ban(table, {key: pair for key, pair in pairs.items() if pair is not None})
        for key, pair in pairs.items():
            if pair is None:
                table.lift(there[key])

    def clear(self, name: str) -> None:
        """Lift all."""
        table = _zone(name)
        for tag, _, _ in table.banned():
            table.lift(tag)

    def _ban(self, table: BanTable, pairs: Mapping[str, Pair]) -> None:
        try:
            keys = {meant(text, packed=table.packed): pair for text, pair in pairs.items()}
        except ValueError:
            raise Refused("not an address", "KeyvalFormatError") from None
        for key, (_, lasts) in keys.items():
            table.add(key, table.lasts if lasts is None else lasts)


def _zone(name: str) -> BanTable:
    table = bans.every().get(name)
    if table is None:
        raise Refused(f'no bans in zone "{name}"', "KeyvalNotFound", 404)
    return table
