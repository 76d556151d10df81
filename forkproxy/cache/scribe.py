"""The one thread of a process that writes to the stores of its zones.

A wait for LMDB's lock stops whoever waits; so it is never the thread that serves. What is to be
done is queued, bounded in octets, and done in batches: one transaction for all that waits for one
store. Where one batch comes after the other it rests between them, unless somebody waits for what
is to be done: to wake for each answer costs more than to store it (116 µs of CPU for a miss, of
which the rest saved 29). What it does in Python it does under the interpreter's lock, which it is
asked to give up sooner than others are: whoever serves waits for it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forkproxy import clock
from forkproxy.cache.job import Job
from forkproxy.cache.shelf import Shelf
from forkproxy.errors import ForkproxyError, StoreError
from forkproxy.shared.environment import BrokenError
from forkproxy.shared.errorlog import log

if TYPE_CHECKING:
    from forkproxy.cache.zone import Zone

MOST_WAITING = 64 * 1024 * 1024  # octets in the queue
MOST_IN_BATCH = 8 * 1024 * 1024  # octets of one transaction, about
JOBS_IN_BATCH = 256
REST = 0.005  # seconds between two batches
BUSY = 0.05  # seconds after a batch in which the next has to rest
HELD = 0.0005  # seconds that it may keep the interpreter's lock from who serves


class Scribe:
    """The thread, started when there is first something to do."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Job | Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._came = 0  # octets of all jobs so far; changed by who submits
        self._went = 0  # likewise of those that are no longer in the queue; changed by the thread
        self._hurry = threading.Event()  # set where somebody waits
        os.register_at_fork(after_in_child=self._begin_anew)

    @property
    def waiting(self) -> int:
        """How many octets are in the queue."""
        return self._came - self._went

    def submit(self, job: Job) -> bool:
        """Have a job done; False where too much waits already. Of one thread only."""
        if self._came - self._went + job.octets > MOST_WAITING:
            return False
        self._came += job.octets
        if self._thread is None:
            self._start()
        self._queue.put(job)
        if job.urgent:
            self._hurry.set()
        return True

    def call(self, function: Callable[[], None]) -> None:
        """Call a function in the thread, after what was submitted before."""
        if self._thread is None:
            self._start()
        self._queue.put(function)
        self._hurry.set()

    def flush(self, patience: float) -> None:
        """Return when all that was submitted is done, or after some seconds. Blocks the thread."""
        if self._thread is None:
            return
        done = threading.Event()
        self._queue.put(done.set)
        self._hurry.set()
        done.wait(patience)

    def finish(self, function: Callable[[], None], patience: float) -> None:
        """Call a function when all is done and nothing is being written. Blocks, as flush does.

        LMDB waits for ever for a transaction that another thread is in the middle of.
        """
        if self._thread is None or self._thread is threading.current_thread():
            function()
            return
        self.call(function)
        self.flush(patience)

    def _start(self) -> None:
        sys.setswitchinterval(HELD)
        self._thread = threading.Thread(target=self._run, name="scribe", daemon=True)
        self._thread.start()

    def _begin_anew(self) -> None:
        """Forget the thread: it is our parent's."""
        self._thread = None

    def _run(self) -> None:
        ended_at = 0.0
        while True:
            jobs = [self._queue.get()]
            if clock.monotonic() - ended_at < BUSY and self.waiting < MOST_IN_BATCH:
                self._hurry.wait(REST)
            self._hurry.clear()
            octets = 0
            with contextlib.suppress(queue.Empty):
                while len(jobs) < JOBS_IN_BATCH and octets < MOST_IN_BATCH:
                    jobs.append(self._queue.get_nowait())
                    octets += getattr(jobs[-1], "octets", 0)
            self._work_off(jobs)
            ended_at = clock.monotonic()

    def _work_off(self, jobs: list[Job | Callable[[], None]]) -> None:
        """Do what was queued, in order; jobs for one zone that follow each other, together."""
        batch: list[Job] = []
        for job in jobs:
            if not isinstance(job, Job) or (batch and job.zone is not batch[0].zone):
                self._write(batch)
                batch = []
            if isinstance(job, Job):
                batch.append(job)
            else:
                job()
        self._write(batch)

    def _write(self, batch: list[Job]) -> None:
        if not batch:
            return
        self._went += sum([job.octets for job in batch])
        for job, outcome in perform(batch[0].zone, batch):
            try:
                job.done(outcome)
            except Exception as error:
                log.bug("in the cache's scribe", error)


def perform(zone: Zone, batch: list[Job]) -> list[tuple[Job, Any]]:
    """Do some jobs in one transaction; where that fails, each in one of its own.

    Returns what each returned or raised.
    """
    try:
        return _together(zone, batch)
    except Exception as error:
        if len(batch) == 1:
            if not isinstance(error, ForkproxyError):
                log.bug("in the cache's store", error)
            return [(batch[0], error)]
    return [outcome for job in batch for outcome in perform(zone, [job])]


def _together(zone: Zone, batch: list[Job]) -> list[tuple[Job, Any]]:
    store = zone.opened()
    if store is None:
        raise StoreError(f"the cache {zone.name} has no store")
    for job in batch:
        job.before(store)
    try:
        with store.writing() as tables:
            shelf = Shelf(tables, zone.settings.most_pinned)
            outcomes = [(job, job.work(shelf)) for job in batch]
            shelf.finish()
    except BrokenError:
        zone.broke()
        raise
    zone.note_changes(shelf.changed)
    for name in shelf.gone:
        with contextlib.suppress(OSError):
            Path(zone.bodies, name).unlink()
    return outcomes


scribe = Scribe()
