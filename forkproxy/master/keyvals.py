"""The keyval zones: the truth about them is here, every other process has a copy.

A change is carried out here, sent to every worker, and given to the keeper to be kept. It has a
number; a worker that has carried it out writes the number down on the scoreboard.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from forkproxy.child.contract import KeyvalZone
from forkproxy.master.ban_zones import BanZones
from forkproxy.master.reply import Refused
from forkproxy.master.room import Room
from forkproxy.shared.channel import Message
from forkproxy.shared.keyval import Keyval

KEPT = "keyval/"
Entry = tuple[bytes, float]  # value, and when it expires (monotonic), 0.0 for never
Pair = tuple[str | None, float | None]  # value, None: as it was; seconds it lasts, None: the zone's


class Keyvals:
    """All zones that a configuration has named since we began."""

    def __init__(
        self,
        tell: Callable[[Message], None],
        keep: Callable[[dict[str, str], list[str]], None],
        monotonic: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        """Tell workers by `tell`; keep texts, and forget others, by `keep`."""
        self.number = 0  # of the last change
        self._tell = tell
        self._keep = keep
        self._monotonic = monotonic
        self._wall = wall
        self._tables: dict[str, Keyval] = {}
        self._settings: dict[str, Any] = {}
        self._rooms: dict[str, Room] = {}
        self._waiting: dict[str, dict[bytes, Entry]] = {}  # kept of zones that nobody named yet
        self._unwritten: set[str] = set()  # zones whose state file is out of date
        self._bans = BanZones()

    # Zones.

    def adopt(self, zones: Iterable[KeyvalZone]) -> None:
        """Let the zones of a generation be ours; what is in them stays over a reload."""
        for zone in zones:
            name, kind = zone.settings.name, zone.settings.kind
            known = self._tables.get(name)
            if known is None or known.kind != kind:
                known = self._tables[name] = _filled(kind, known, self._waiting.pop(name, {}))
                if zone.settings.state and not len(known):
                    self._read_state(zone.settings, known)
            zone.table = known
            self._settings[name] = zone.settings
            self._rooms[name] = Room(zone.settings.size, _plain(known.entries))

    def names(self) -> list[str]:
        """Return the names of all zones, those of bans among them."""
        return [*self._tables, *(name for name in self._bans.names() if name not in self._tables)]

    def rooms(self) -> Mapping[str, Room]:
        """Return how much room there is in each zone."""
        return self._rooms

    def of(self, name: str) -> Keyvals | BanZones:
        """Return who has a zone: we, or the bans of a limit. Raises Refused."""
        if name in self._tables:
            return self
        if name in self._bans.names():
            return self._bans
        raise Refused("keyval not found", "KeyvalNotFound", 404)

    def pairs(self, name: str) -> dict[str, str]:
        """Return what is in a zone. Raises Refused."""
        now = self._monotonic()
        return {
            key.decode("utf-8", "surrogateescape"): value.decode("utf-8", "surrogateescape")
            for key, (value, expires_at) in self._table(name).entries.items()
            if not expires_at or expires_at > now
        }

    def value(self, name: str, key: str) -> str | None:
        """Return what a request would find for a key. Raises Refused."""
        found = self._table(name).look_up(key.encode("utf-8", "surrogateescape"), self._monotonic())
        return None if found is None else found.decode("utf-8", "surrogateescape")

    def _table(self, name: str) -> Keyval:
        try:
            return self._tables[name]
        except KeyError:
            raise Refused("keyval not found", "KeyvalNotFound", 404) from None

    # Changes. Each raises Refused, with nothing changed.

    def add(self, name: str, pairs: Mapping[str, Pair]) -> None:
        """Add new keys."""
        there = self.pairs(name)
        if any(key in there for key in pairs):
            raise Refused("key already exists", "KeyvalKeyExists", 409)
        self._change(name, pairs)

    def change(self, name: str, pairs: Mapping[str, Pair | None]) -> None:
        """Give keys that are there other values or times, or delete those that are None."""
        there = self.pairs(name)
        if any(key not in there for key in pairs):
            raise Refused("key not found", "KeyvalKeyNotFound", 404)
        gone = [key for key, pair in pairs.items() if pair is None or pair[1] == 0.0]
        put = {key: pair for key, pair in pairs.items() if pair is not None and key not in gone}
        self._change(name, put, gone)

    def clear(self, name: str) -> None:
        """Delete every key."""
        self._change(name, {}, list(self._table(name).entries))

    def expire(self) -> None:
        """Let go of what has had its time; to be called once in a while."""
        now = self._monotonic()
        for name, table in self._tables.items():
            gone = [key for key, (_, at) in table.entries.items() if at and at <= now]
            if gone:
                self._change(name, {}, gone)

    def _change(
        self, name: str, pairs: Mapping[str, Pair], gone: Iterable[str | bytes] = ()
    ) -> None:
        table = self._table(name)
        put = {}
        for text, (value, lasts) in pairs.items():
            key = text.encode("utf-8", "surrogateescape")
            try:
                table.check(key)
            except ValueError as error:
                raise Refused(str(error), "KeyvalFormatError") from None
            put[key] = self._entry(name, table, key, value, lasts)
        delete = [
            key if isinstance(key, bytes) else key.encode("utf-8", "surrogateescape")
            for key in gone
        ]
        there = table.entries
        going = {key: there[key] for key in (*put, *delete) if key in there}
        if not self._rooms[name].swap(_plain(going), _plain(put)):
            raise Refused("no room in the keyval zone", "KeyvalOutOfMemory", 413)
        table.change(put, delete)
        self.number += 1
        self._tell(
            {
                "order": "keyval",
                "number": self.number,
                "zone": name,
                "put": [[_text(key), _text(value), at] for key, (value, at) in put.items()],
                "delete": [_text(key) for key in delete],
            }
        )
        kept = {_place(name, key): self._record(name, key, entry) for key, entry in put.items()}
        self._keep(kept, [_place(name, key) for key in delete])
        if self._settings[name].state:
            self._unwritten.add(name)

    def _entry(
        self, name: str, table: Keyval, key: bytes, value: str | None, lasts: float | None
    ) -> Entry:
        if value is None:
            value = _text(table.entries[key][0]) if key in table.entries else ""
        if lasts is None:
            lasts = self._settings[name].timeout or None
        at = self._monotonic() + lasts if lasts else 0.0
        return value.encode("utf-8", "surrogateescape"), at

    # What outlives us.

    def kept(self) -> dict[str, str]:
        """Return everything, as the keeper keeps it."""
        return {
            _place(name, key): self._record(name, key, entry)
            for name, table in self._tables.items()
            for key, entry in table.entries.items()
        }

    def restore(self, kept: Mapping[str, str]) -> None:
        """Take what an earlier run had kept; before the first zones are adopted."""
        ahead = self._monotonic() - self._wall()
        now = self._monotonic()
        for place, text in kept.items():
            if place.startswith(KEPT):
                name, key, value, until = json.loads(text)
                at = until + ahead if until else 0.0
                if not at or at > now:
                    entries = self._waiting.setdefault(name, {})
                    entries[key.encode("utf-8", "surrogateescape")] = (
                        value.encode("utf-8", "surrogateescape"),
                        at,
                    )

    def unwritten(self) -> Iterator[tuple[str, str]]:
        """Yield (path, content) of each state file that is out of date, once."""
        for name in self._unwritten:
            content = json.dumps(self.pairs(name), indent=0)
            yield self._settings[name].state, content + "\n"
        self._unwritten.clear()

    def _record(self, name: str, key: bytes, entry: Entry) -> str:
        value, at = entry
        until = at - self._monotonic() + self._wall() if at else 0.0
        return json.dumps([name, _text(key), _text(value), round(until, 3)])

    def _read_state(self, settings: Any, table: Keyval) -> None:
        """Fill a zone from its state file, where that holds what it should."""
        at = self._monotonic() + settings.timeout if settings.timeout else 0.0
        try:
            found = json.loads(Path(settings.state).read_text("utf-8"))
            put = {str(k).encode(): (str(v).encode(), at) for k, v in found.items()}
            for key in put:
                table.check(key)
        except (OSError, ValueError, AttributeError):
            return
        table.change(put)


def _plain(entries: Mapping[bytes, Entry]) -> list[tuple[bytes, bytes]]:
    return [(key, value) for key, (value, _) in entries.items()]


def _filled(kind: str, before: Keyval | None, kept: dict[bytes, Entry]) -> Keyval:
    """Return a table with what there was, as far as its keys are of this kind."""
    made = Keyval(kind)
    for key, entry in (kept | (before.entries if before is not None else {})).items():
        try:
            made.check(key)
        except ValueError:
            continue
        made.change({key: entry})
    return made


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _place(name: str, key: bytes) -> str:
    """Return the name of a pair in the store, whose names are short."""
    digest = hashlib.blake2b(name.encode() + b"\0" + key, digest_size=16)
    return KEPT + digest.hexdigest()
