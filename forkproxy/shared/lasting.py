"""What of limits outlives a restart: bans, and how far ahead of its rate a key is, where wished.

Both are instants in shared memory, which ends with the master. The keeper writes down what is later
than now; the next master fills its tables with it before the first worker begins. Keys are
written as tags, so their secret is kept too.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from forkproxy import clock
from forkproxy.shared import bans, tag
from forkproxy.shared.counters import tables_of
from forkproxy.shared.instants import InstantTable
from forkproxy.shared.rates import RateTable

KEPT = "limit/"
SECRET = KEPT + "secret"
SOON = 5.0  # seconds: who is no further ahead has waited long enough when we are back
MOST = 10_000  # keys of a zone of rates: those that are furthest ahead

BAN, RATE = "ban", "rate"


@dataclass(frozen=True, slots=True)
class Lasting:
    """An instant of a key, in nanoseconds of the monotonic clock."""

    kind: str
    zone: str
    tag: int
    instant: int
    shown: bytes = b""

    @property
    def place(self) -> str:
        """Its name in the store, whose names are short."""
        zone = hashlib.blake2b(self.zone.encode(), digest_size=8).hexdigest()
        return f"{KEPT}{self.kind}/{zone}/{self.tag:016x}"

    def text(self) -> str:
        """Return it as it is kept, by the wall clock."""
        until = self.instant / 1e9 - clock.monotonic() + clock.wall()
        shown = self.shown.decode("latin-1")
        return json.dumps([self.kind, self.zone, f"{self.tag:016x}", round(until, 3), shown])


def present() -> Iterator[Lasting]:
    """Yield all there is to be kept now."""
    now = clock.monotonic_ns()
    for name, table in bans.every().items():
        for key, instant in table.after(now).items():
            yield Lasting(BAN, name, key, instant, table.shown(key))
    for rates in _lasting_rates():
        ahead = rates.after(now + round(SOON * 1e9))
        for key in heapq.nlargest(MOST, ahead, key=ahead.__getitem__):
            yield Lasting(RATE, rates.name, key, ahead[key])


def _lasting_rates() -> list[RateTable]:
    return [table for table in tables_of(RateTable) if table.lasting]


def kept() -> dict[str, str]:
    """Return everything, as the keeper keeps it."""
    texts = {one.place: one.text() for one in present()}
    return texts | {SECRET: tag.secret()} if texts else {}


class Changes:
    """What is to be written, from one look to the next."""

    def __init__(self) -> None:
        self._written: dict[str, int] = {}

    def begin(self, kept: Iterable[str]) -> None:
        """Begin with the names of what is kept: what ends before the first look is gone as well."""
        self._written = {place: 0 for place in kept if place.startswith(KEPT) and place != SECRET}

    def look(self) -> tuple[dict[str, str], list[str]]:
        """Return what to keep that is new, and what to forget."""
        there = {one.place: one for one in present()}
        put = {
            place: one.text()
            for place, one in there.items()
            if self._written.get(place) != one.instant
        }
        gone = [place for place in self._written if place not in there]
        self._written = {place: one.instant for place, one in there.items()}
        return put | {SECRET: tag.secret()} if put else put, gone


class Restored:
    """What an earlier run has kept, until its zones are there."""

    def __init__(self) -> None:
        self._waiting: list[Lasting] = []

    def take(self, texts: Mapping[str, str]) -> None:
        """Take it, and the secret of its tags: before anything is counted."""
        if SECRET not in texts:
            return
        tag.share_secret(texts[SECRET])
        ahead = clock.monotonic() - clock.wall()
        for place, text in texts.items():
            if place.startswith(KEPT) and place != SECRET:
                kind, zone, key, until, shown = json.loads(text)
                instant = round((until + ahead) * 1e9)
                self._waiting.append(
                    Lasting(kind, zone, int(key, 16), instant, shown.encode("latin-1"))
                )

    def fill(self) -> None:
        """Put it into the tables of the configuration that is about to run."""
        known: dict[tuple[str, str], InstantTable] = {
            (RATE, table.name): table for table in _lasting_rates()
        }
        banned = bans.every()
        now = clock.monotonic_ns()
        for one in self._waiting:
            table = known.get((one.kind, one.zone))
            if one.kind == BAN and one.zone in banned:
                banned[one.zone].restore(one.tag, one.shown, (one.instant - now) / 1e9)
            elif table is not None:
                table.put(one.tag, one.instant)
        self._waiting.clear()
