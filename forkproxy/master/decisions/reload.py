"""A generation on its way up, from the wish for it until it serves or is given up.

Whatever fails leaves the one that serves untouched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from forkproxy.master.decisions.adoption import Adoption
from forkproxy.master.decisions.children import Children
from forkproxy.master.decisions.deaths import Deaths
from forkproxy.master.decisions.situation import NEVER, Child, Situation, Stage, State
from forkproxy.master.events import Commit, Load, Loaded, Notice, Notify, Retire
from forkproxy.shared.errorlog import Level

START_TIME = 10.0  # seconds the workers of a new generation have to be ready


@dataclass(slots=True)
class Incoming:
    """A generation on its way up."""

    loaded: Loaded
    fails_at: float
    clients: list[int]


class Reload:
    """Brings generations up, one at a time."""

    def __init__(
        self,
        situation: Situation,
        children: Children,
        deaths: Deaths,
        adoption: Adoption,
        fail_start: Callable[[], None],
    ) -> None:
        """`fail_start`: what to do when the first generation does not come up."""
        self._situation = situation
        self._children = children
        self._deaths = deaths
        self._adoption = adoption
        self._fail_start = fail_start
        self._number = 1  # of the generation loaded last
        self._incoming: Incoming | None = None
        self._asking: list[int] = []  # clients of the load under way
        self._waiting: list[int] | None = None  # clients of the one after it; None: there is none
        self._waiting_like = 0

    # The wish.

    def ask(self, client: int, like: int = 0) -> None:
        """Reload now, or once more after what is under way; `like` an earlier one, if not 0."""
        state = self._situation.state
        if state is State.RELOADING or state is State.STARTING:
            # Once more, whoever asks how often: the last wish is what counts.
            self._waiting = [*(self._waiting or ()), client]
            self._waiting_like = like
        elif state is State.RUNNING:
            self._load([client], like)
        else:
            self._situation.refuse(client)

    def _load(self, clients: list[int], like: int) -> None:
        self._situation.state = State.RELOADING
        self._asking = clients
        self._number += 1
        self._situation.do(Notify(Notice.RELOADING), Load(self._number, like))

    def _load_again(self) -> None:
        if self._waiting is not None and self._situation.state is State.RUNNING:
            clients, self._waiting = self._waiting, None
            self._load(clients, self._waiting_like)

    # The way up.

    def brings(self, number: int) -> bool:
        """Tell whether a generation is the one on its way up."""
        return self._incoming is not None and self._incoming.loaded.number == number

    def loaded(self, event: Loaded) -> None:
        """Fork the first worker of a generation that is built."""
        if self._situation.state is State.STOPPING:
            self._situation.do(Retire(event.number))
            return
        self._number = event.number
        self._situation.loaded[event.number] = event
        self._incoming = Incoming(event, self._situation.now + START_TIME, self._asking)
        self._asking = []
        # One first: what ends a worker at its start costs one process, not all of them.
        self._children.spawn_worker(0, event.number)

    def not_loaded(self, text: str) -> None:
        """Take note that a generation could not be built."""
        self._failed(text, self._asking)

    def worker_ready(self) -> None:
        """Go on with the generation on its way up: one more of its workers is ready."""
        if self._incoming is None:
            return
        loaded = self._incoming.loaded
        ready = sum(_is_ready(child) for child in self._situation.workers_of(loaded.number))
        if ready == loaded.workers:
            self._commit(self._incoming)
        elif ready == 1:
            for slot in range(1, loaded.workers):
                self._children.spawn_worker(slot, loaded.number)

    def _commit(self, incoming: Incoming) -> None:
        """Let the new generation be the one that serves."""
        situation = self._situation
        old = situation.generation
        self._incoming = None
        situation.generation = incoming.loaded.number
        situation.workers = incoming.loaded.workers
        situation.idle = False
        situation.state = State.RUNNING
        self._children.cancel_all()
        self._deaths.forget()
        self._adoption.forget()
        self._children.drain_workers(old)
        self._replace_keeper()
        situation.do(Commit(situation.generation), Notify(Notice.READY))
        if old:
            self.retire_unused()
            self._tell_result(incoming.clients, incoming.loaded.text, done=True)
        self._load_again()

    def _replace_keeper(self) -> None:
        """Let a keeper of the new generation follow the old one: two must never write at once.

        It comes after the point of no return. A keeper that cannot start is tried again like
        any other child, and the workers serve without it meanwhile.
        """
        keepers = self._situation.keepers()
        for child in keepers:
            self._children.drain(child)
        if not keepers:
            self._children.spawn_keeper()

    # Failure.

    def fail_late(self) -> None:
        """Give up the generation on its way up if its time is over."""
        if self.wake_at() <= self._situation.now:
            self.abandon(f"the new workers were not ready within {START_TIME:.0f} s")

    def abandon(self, text: str) -> None:
        """Give up the generation on its way up."""
        incoming = self._incoming
        if incoming is None:
            return
        self._incoming = None
        number = incoming.loaded.number
        self._children.cancel(lambda due: due.generation == number)
        self._children.end_generation(number)
        self.retire_unused()
        self._failed(text, incoming.clients)

    def _failed(self, text: str, clients: list[int]) -> None:
        """Go on as before; the generation in use was never touched."""
        situation = self._situation
        self._asking = []
        if situation.state is State.STARTING:
            situation.log(Level.EMERG, text)
            self._fail_start()
            return
        if situation.state is State.RELOADING:
            situation.state = State.RUNNING
            situation.do(Notify(Notice.READY))
        self._tell_result(clients, text, done=False)
        self._load_again()

    def stop(self) -> list[int]:
        """Bring nothing up any more; return the clients that wait for it."""
        incoming, clients = self._incoming, self._asking
        if incoming is not None:
            self._children.end_generation(incoming.loaded.number)
            clients = [*clients, *incoming.clients]
        clients = [*clients, *(self._waiting or ())]
        self._incoming, self._asking, self._waiting = None, [], None
        return clients

    def _tell_result(self, clients: list[int], text: str, *, done: bool) -> None:
        self._situation.last_reload = text if done else f"failed: {text}"
        if done:
            self._situation.log(Level.NOTICE, f"reloaded: {text}")
        else:
            self._situation.log(Level.ERROR, text)
        self._situation.answer(clients, text, done=done)

    # The end of generations, and time.

    def retire_unused(self) -> None:
        """Let go of the generations that nobody runs."""
        used = self._children.generations() | {self._situation.generation}
        if self._incoming is not None:
            used.add(self._incoming.loaded.number)
        for number in [number for number in self._situation.loaded if number not in used]:
            del self._situation.loaded[number]
            self._situation.do(Retire(number))

    def wake_at(self) -> float:
        """Return when the generation on its way up has failed; infinite for never."""
        return self._incoming.fails_at if self._incoming is not None else NEVER


def _is_ready(child: Child) -> bool:
    return child.stage is Stage.READY
