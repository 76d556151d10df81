"""The peers of all upstreams, and what an administrator has changed of them while we run.

The configuration says which there are; the API and the lines add, change and remove. A change is
made in the master's own generation, from which later workers are forked, and told to those that
run. What was changed is remembered by upstream and address, together with the line it was a change
of: a reload makes it again, unless that very line is another one now. Then the file wins.

Orders (drain, down, a weight) are cells of the scoreboard, that all workers see at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from forkproxy import clock
from forkproxy.config.directives.upstream import UpstreamServer, UpstreamZone
from forkproxy.master import changes
from forkproxy.master.changes import Change, Key, line_of
from forkproxy.shared.cells import Cells
from forkproxy.shared.channel import Message
from forkproxy.shared.scoreboard import Cell, Order, PeerCell, StandingCell
from forkproxy.upstream.member import Member, cells_name
from forkproxy.upstream.upstream import Upstream

_ORDERS = {
    Order.ORDER_READY: "ready",
    Order.ORDER_UP: "ready",
    Order.ORDER_DRAIN: "to drain",
    Order.ORDER_DOWN: "down",
}


class Roster:
    """All upstreams of the generation that was built last, and the changes made of them."""

    def __init__(
        self,
        cells: Cells,
        tell: Callable[[Message], None],
        keep: Callable[[dict[str, str], list[str]], None],
    ) -> None:
        """Tell workers by `tell`; keep texts, and forget others, by `keep`."""
        self.happened: Callable[[str], None] = lambda _text: None  # told of each change, in words
        self.number = 0  # of the last change that workers have to carry out
        self._cells = cells
        self._tell = tell
        self._keep = keep
        self._generations: dict[int, dict[str, Upstream]] = {}
        self._lines: dict[int, dict[Key, str]] = {}  # by generation: its lines, as written
        self._changes: dict[Key, Change] = {}
        self._zones: dict[int, Mapping[str, UpstreamZone]] = {}
        self._unwritten: set[str] = set()  # upstreams whose state file is out of date
        self._gone: dict[str, set[int]] = {}  # first columns of what was removed, by upstream
        self._next: dict[str, int] = {}  # id, by upstream; none is given twice

    # Generations.

    def names(self, upstreams: Iterable[Upstream]) -> list[str]:
        """Return what the columns of all peers will be called, changes included."""
        known = {upstream.name: upstream for upstream in upstreams}
        found = [
            cells_name(upstream.name, member)
            for upstream in known.values()
            for member in upstream.members.values()
            if not member.is_name
        ]
        added = [f"{name}/{key}" for (name, key), change in self._changes.items()
                 if name in known and not change.was]  # fmt: skip
        return found + added

    def adopt(
        self, number: int, upstreams: Iterable[Upstream], zones: Mapping[str, UpstreamZone]
    ) -> None:
        """Take the upstreams of a generation, and make all changes in them; their columns exist."""
        before = self._generations[max(self._generations)] if self._generations else {}
        self._zones[number] = zones
        known = self._generations[number] = {one.name: one for one in upstreams}
        self._lines[number] = {
            (one.name, key_of(member)): line_of(member.server)
            for one in known.values()
            for member in one.members.values()
        }
        for upstream in known.values():
            if upstream.name in before:
                self._find_again(upstream, before[upstream.name])
            self._change(upstream, self._lines[number])
            self._add_again(upstream)

    def _find_again(self, upstream: Upstream, before: Upstream) -> None:
        """Let names go on with the addresses that they had before a reload."""
        names = {_host(one): one for one in upstream.members.values() if one.is_name}
        found: list[Member] = []
        for peer in before.members.values():
            parent = before.members.get(peer.parent)
            name = names.get(_host(parent)) if parent is not None else None
            if name is None:
                continue
            address, more = peer.address, {"weight": peer.server.weight}
            if not name.server.service:
                address, more = f"{address.rpartition(':')[0]}:{name.server.address.port}", {}
            number = max(upstream.members) + 1 + len(found)
            again = name.at(number, address, backup=peer.server.backup, **more)
            if address == peer.address:
                again = replace(again, key=peer.key)
            found.append(again.told_apart((*upstream.members.values(), *found)))
        self._cells.directory.allot(cells_name(upstream.name, member) for member in found)
        upstream.fill(found)

    def _change(self, upstream: Upstream, lines: Mapping[Key, str]) -> None:
        """Make the changes of peers that a line names; where that is another now, the file wins."""
        for member in list(upstream.members.values()):
            key = (upstream.name, key_of(member))
            change = self._changes.get(key)
            if change is None or change.was != lines[key]:
                continue
            if change.removed:
                upstream.drop(member.id)
            elif change.server is not None:
                upstream.put(replace(member, server=change.server))
            self._obey(upstream.name, member, change)

    def _add_again(self, upstream: Upstream) -> None:
        """Put the peers that no line names."""
        named = {key_of(member) for member in upstream.members.values()}
        for (name, key), change in self._changes.items():
            added = not change.was and change.server is not None and key not in named
            if name == upstream.name and added and change.server is not None:
                number = change.id if change.id not in upstream.members else self._free(upstream)
                address = "" if change.server.resolve else change.server.address.text
                member = Member(number, change.server, address, -1, key)
                upstream.put(member)
                self._obey(name, member, change)

    def commit(self, number: int) -> None:
        """Forget the changes of lines that are others in the generation that serves now."""
        lines, known = self._lines[number], self._generations[number]
        for key, change in list(self._changes.items()):
            if key[0] in known and change.was != lines.get(key, ""):
                self._forget(key)
                peer = f"{key[0]}/{key[1]}"
                if peer in self._cells.directory.peers():
                    self._order_cells(self._cells.peer(peer), Order.ORDER_READY, 0, unchecked=False)

    @staticmethod
    def _free(upstream: Upstream) -> int:
        return max(upstream.members, default=-1) + 1

    def retire(self, number: int) -> None:
        """Let go of a generation that nobody runs."""
        self._generations.pop(number, None)
        self._lines.pop(number, None)
        self._zones.pop(number, None)

    # What there is. KeyError where there is none of a name.

    def upstreams(self) -> dict[str, Upstream]:
        """Return all upstreams by name."""
        return self._generations[max(self._generations)] if self._generations else {}

    def zones(self) -> Mapping[str, UpstreamZone]:
        """Return what the `upstream` blocks say of themselves, by name, in file order."""
        return self._zones[max(self._zones)] if self._zones else {}

    def members(self, upstream: str) -> tuple[Member, ...]:
        """Return the members of an upstream, by id."""
        found = self.upstreams()[upstream].members
        return tuple(found[number] for number in sorted(found))

    def member(self, upstream: str, number: int) -> Member:
        """Return one of them."""
        return self.upstreams()[upstream].members[number]

    def find(self, upstream: str, word: str) -> Member:
        """Return the member that is called so: by its name, its address, or #id."""
        for member in self.members(upstream):
            if word in (key_of(member), member.server.name, member.address, f"#{member.id}"):
                return member
        raise KeyError(word)

    def column(self, upstream: str, member: Member) -> int:
        """Return the first column of a peer."""
        return self._cells.peer(cells_name(upstream, member))

    def ordered(self, upstream: str, member: Member) -> tuple[int, int]:
        """Return the order and the weight that were given; 0 for none."""
        first, value = self.column(upstream, member), self._cells.board.standing_value
        order = value(first, StandingCell.STANDING_ORDER)
        return order, value(first, StandingCell.STANDING_WEIGHT)

    def zombies(self, upstream: str) -> int:
        """Return how many peers are removed, and still have requests in hand."""
        value = self._cells.board.standing_value
        gone = self._gone.get(upstream, ())
        busy = {first for first in gone if value(first, StandingCell.STANDING_IN_FLIGHT)}
        self._gone[upstream] = busy
        return len(busy)

    def unused(self, wanted: Collection[str]) -> list[str]:
        """Return the names of peers that no generation has any more, nor those that are wanted.

        They have nothing under way. In a worker that has not heard of a change yet they may be
        chosen all the same.
        """
        there = {
            cells_name(upstream.name, member)
            for known in self._generations.values()
            for upstream in known.values()
            for member in upstream.members.values()
        }
        there.update(f"{name}/{key}" for name, key in self._changes)
        value, directory = self._cells.board.standing_value, self._cells.directory
        found = [
            name
            for name in directory.peers()
            if name not in there
            and name not in wanted
            and not value(directory.first(name), StandingCell.STANDING_IN_FLIGHT)
        ]
        for busy in self._gone.values():
            busy.difference_update(map(directory.first, found))
        return found

    def removed(self) -> set[str]:
        """Return the names of peers that an upstream of today had once, and has not any more."""
        known = self.upstreams()
        there = {
            cells_name(name, member)
            for name, upstream in known.items()
            for member in upstream.members.values()
        }
        names = self._cells.directory.peers()
        return {one for one in names if one not in there and one.partition("/")[0] in known}

    def changes(self) -> dict[Key, Change]:
        """Return what is not as the configuration says, by upstream and address."""
        return dict(self._changes)

    def checked(self, upstream: str, member: Member) -> bool:
        """Tell whether health checks are made of a peer, where it serves."""
        first = self.column(upstream, member) + PeerCell.PEER_UNCHECKED
        checks = self.upstreams()[upstream].checks
        return bool(checks) and not self._cells.board.value(self._cells.row, first)

    # Changes.

    def check(self, upstream: str, member: Member, *, unchecked: bool) -> None:
        """Let no health checks be made of a peer, or let them be made again."""
        order, weight = self.ordered(upstream, member)
        self._order_cells(self.column(upstream, member), order, weight, unchecked=unchecked)
        self._note(upstream, member, unchecked=unchecked)
        self._say(upstream, member, f"is {'not ' if unchecked else ''}checked")

    def order(self, upstream: str, member: Member, order: int) -> None:
        """Order something of a peer; every worker obeys at its next choice."""
        if order == Order.ORDER_UP and not (member.server.down or member.server.drain):
            order = Order.ORDER_READY
        _, weight = self.ordered(upstream, member)
        self._order(upstream, member, order, weight)
        self._note(upstream, member, order=int(order))
        self._say(upstream, member, f"is ordered {_ORDERS[Order(order)]}")

    def weigh(self, upstream: str, member: Member, weight: int) -> None:
        """Give a peer another weight; 0: that of its line."""
        order, _ = self.ordered(upstream, member)
        self._order(upstream, member, order, weight)
        self._note(upstream, member, weight=weight)
        self._say(upstream, member, f"has weight {weight or member.server.weight}")

    def add(self, upstream: str, server: UpstreamServer) -> Member:
        """Add a peer, or a name whose peers are found. Raises ValueError where it is there."""
        member = self._made(upstream, server, self._new_id(upstream))
        self._admit(upstream, member)
        self._put(upstream, {key_of(member): member})
        self._say(upstream, member, "is added")
        return member

    def change(self, upstream: str, member: Member, server: UpstreamServer) -> Member:
        """Let a member be as this says, at another address too. Raises ValueError as add does."""
        if server.name == member.server.name:
            changed = replace(member, server=server)
            self._note(upstream, member, server=server)
        else:
            changed = self._made(upstream, server, member.id)
            self._admit(upstream, changed)
            self._dismiss(upstream, member)
        self._put(upstream, {key_of(member): changed})
        self._say(upstream, member, f"is now {line_of(server).strip()}")
        return changed

    def remove(self, upstream: str, member: Member) -> None:
        """Remove a member, and the peers that its name was found to have."""
        gone = [one for one in self.members(upstream) if member.id in (one.id, one.parent)]
        columns = {self.column(upstream, one) for one in gone if not one.is_name}
        self._gone.setdefault(upstream, set()).update(columns)
        self._dismiss(upstream, member)
        self._put(upstream, {}, [key_of(one) for one in gone])
        self._say(upstream, member, "is removed")

    def found(
        self, generation: int, upstream: str, number: int, peers: Iterable[Mapping[str, Any]]
    ) -> None:
        """Take the addresses that a name has now, each with what a name server says of it.

        `number` is its id in the generation that asked.
        """
        name = key_of(self._generations[generation][upstream].members[number])
        parent = self.find(upstream, name)
        there: dict[str, list[Member]] = {}  # an address may come twice
        for one in self.members(upstream):
            if one.parent == parent.id:
                there.setdefault(one.address, []).append(one)
        put: dict[str, Member] = {}
        for peer in peers:
            address = str(peer["address"])
            more = {name: value for name, value in peer.items() if name != "address"}
            if not there.get(address):
                made = parent.at(self._new_id(upstream), address, **more)
                made = made.told_apart((*self.members(upstream), *put.values()))
                put[made.key] = made
                continue
            known = there[address].pop(0)
            server = replace(parent.server, **more)
            if known.server != server:
                put[known.key] = replace(known, server=server)
        self._cells.directory.allot(cells_name(upstream, member) for member in put.values())
        gone = [key_of(one) for left in there.values() for one in left]
        if put or gone:
            self._put(upstream, put, gone)

    # The ways in which a change goes on.

    def _say(self, upstream: str, member: Member, what: str) -> None:
        self.happened(f"{key_of(member)} of {upstream} {what}")

    def _new_id(self, upstream: str) -> int:
        free = self._free(self.upstreams()[upstream])
        number = max(self._next.get(upstream, 0), free)
        self._next[upstream] = number + 1
        return number

    def _made(self, upstream: str, server: UpstreamServer, number: int) -> Member:
        address = "" if server.resolve else server.address.text
        key = address or server.name
        if any(key == key_of(member) for member in self.members(upstream)):
            raise ValueError(server.name)
        return Member(number, server, address, -1, key)

    def _admit(self, upstream: str, member: Member) -> None:
        """Give a new member its columns, and remember it."""
        key = (upstream, key_of(member))
        if not member.is_name:
            self._cells.directory.allot([cells_name(upstream, member)])
            self._gone.get(upstream, set()).discard(self.column(upstream, member))
            column = self.column(upstream, member)
            self._order_cells(column, Order.ORDER_READY, 0, unchecked=False)
        self._save(key, Change(self._line(key), member.server, id=member.id))

    def _dismiss(self, upstream: str, member: Member) -> None:
        """Remember that a member is none any more."""
        key = (upstream, key_of(member))
        if line := self._line(key):
            self._save(key, Change(line, removed=True))
        else:
            self._forget(key)

    def _line(self, key: Key) -> str:
        return self._lines[max(self._lines)].get(key, "")

    def _put(self, upstream: str, put: Mapping[str, Member], drop: Sequence[str] = ()) -> None:
        """Put members by the keys they had, and drop others, in every generation there is.

        The same peer may have another id in another generation: its file may be ordered otherwise.
        """
        self.number += 1
        steps = {}
        for number, known in self._generations.items():
            if upstream in known:
                steps[str(number)] = self._step(known[upstream], put, drop)
        self._unwritten.add(upstream)
        self._tell({"order": "peers", "number": self.number, "upstream": upstream, "steps": steps})

    def _step(
        self, ours: Upstream, put: Mapping[str, Member], drop: Sequence[str]
    ) -> dict[str, Any]:
        ids = {key_of(member): member.id for member in ours.members.values()}
        packed = []
        for key, wanted in put.items():
            free = wanted.id if wanted.id not in ours.members else self._free(ours)
            member = replace(wanted, id=ids.get(key, free))
            ours.put(member)
            first = -1 if member.is_name else self.column(ours.name, member)
            packed.append(member.pack() | {"first": first})
        gone = [ids[key] for key in drop if key in ids]
        for number in gone:
            ours.drop(number)
        return {"put": packed, "drop": gone}

    def _obey(self, upstream: str, member: Member, change: Change) -> None:
        """Let all that was ordered of a peer hold."""
        if not member.is_name:
            column = self.column(upstream, member)
            self._order_cells(column, change.order, change.weight, unchecked=change.unchecked)

    def _order(self, upstream: str, member: Member, order: int, weight: int) -> None:
        if not member.is_name:
            self._order_cells(self.column(upstream, member), order, weight)

    def _order_cells(
        self, first: int, order: int, weight: int, *, unchecked: bool | None = None
    ) -> None:
        board = self._cells.board
        if unchecked is not None:
            self._cells.store(first + PeerCell.PEER_UNCHECKED, int(unchecked))
        before = board.standing_value(first, StandingCell.STANDING_WEIGHT)
        if order != board.standing_value(first, StandingCell.STANDING_ORDER):
            self._cells.store(first + PeerCell.PEER_CHANGED_AT, int(clock.wall() * 1000))
            board.standing_store(first, StandingCell.STANDING_ORDER, order)
        if weight != before:
            board.standing_store(first, StandingCell.STANDING_WEIGHT, weight)
            self._cells.add(Cell.WEIGHTS_GIVEN)

    def _note(self, upstream: str, member: Member, **changed: Any) -> None:
        """Remember what is not as the configuration says any more."""
        key = (upstream, key_of(member))
        known = self._changes.get(key, Change(self._line(key)))
        self._save(key, replace(known, **changed))

    def _save(self, key: Key, change: Change) -> None:
        if change.empty:
            self._forget(key)
            return
        self._changes[key] = change
        self._keep({changes.place(key): changes.pack(key, change)}, [])

    def _forget(self, key: Key) -> None:
        if self._changes.pop(key, None) is not None:
            self._keep({}, [changes.place(key)])

    # What outlives us.

    def kept(self) -> dict[str, str]:
        """Return everything, as the keeper keeps it."""
        return {
            changes.place(key): changes.pack(key, change) for key, change in self._changes.items()
        }

    def unwritten(self) -> Iterator[tuple[str, str]]:
        """Yield (path, content) of each state file that is out of date, once."""
        for upstream in self._unwritten:
            zone = self.zones().get(upstream)
            if zone is not None and zone.state:
                lines = [line_of(one.server) for one in self.members(upstream) if one.parent < 0]
                yield zone.state, "".join(lines)
        self._unwritten.clear()

    def restore(self, kept: Mapping[str, str]) -> None:
        """Take what an earlier run had kept; before the first generation is adopted."""
        for place, text in kept.items():
            if place.startswith(changes.KEPT):
                key, change = changes.unpack(text)
                self._changes[key] = change


def _host(name: Member) -> tuple[str, str]:
    """Return what a name is looked up by."""
    return name.server.address.host, name.server.service


def key_of(member: Member) -> str:
    """Return what tells a member from the others: of a name, the name."""
    return member.key or member.server.name
