"""The one thread that writes: in batches, bounded, and nobody waits for it in the hub."""

import sys
import threading

import pytest

from forkproxy.cache.job import Job
from forkproxy.cache.scribe import HELD, MOST_WAITING, scribe
from forkproxy.errors import StoreError
from tests.support.caching import answers, caching, fresh
from tests.support.eventually import eventually


def job(zone, work, outcomes, octets=0):
    return Job(zone, octets, work, outcomes.append)


def test_what_is_submitted_is_done_in_order():
    outcomes = []
    with caching(answers(fresh())) as server:
        for number in range(10):
            scribe.submit(job(server.zone, lambda _, number=number: number, outcomes))
        server.settle()
    assert outcomes == list(range(10))


def test_a_job_that_fails_takes_no_other_with_it():
    def fail(_shelf):
        raise StoreError("not this one")

    outcomes = []
    with caching(answers(fresh())) as server:
        for work in (lambda _: "first", fail, lambda _: "last"):
            scribe.submit(job(server.zone, work, outcomes))
        server.settle()
    assert [outcomes[0], outcomes[2]] == ["first", "last"]
    assert isinstance(outcomes[1], StoreError)


def test_a_store_is_closed_when_nothing_is_being_written():
    outcomes = []
    begun, go_on = threading.Event(), threading.Event()

    def halt(_shelf):
        begun.set()
        return go_on.wait(5.0)

    def closing_goes_on(_shelf):
        closing.join(2.0)
        return closing.is_alive()

    with caching(answers(fresh())) as server:
        assert server.ask(b"/").status
        server.settle()
        scribe.submit(job(server.zone, halt, outcomes))
        assert begun.wait(5.0)
        closing = threading.Thread(target=server.zone.close)
        closing.start()
        eventually(scribe._queue.qsize)
        scribe.submit(job(server.zone, closing_goes_on, outcomes))
        go_on.set()
        closing.join(5.0)
        server.settle()
    assert outcomes == [True, False]


def test_more_than_memory_should_hold_is_refused():
    go_on = threading.Event()
    outcomes = []
    with caching(answers(fresh())) as server:
        assert scribe.submit(job(server.zone, lambda _: go_on.wait(5.0), outcomes))
        eventually(lambda: scribe.waiting == 0)
        assert scribe.submit(job(server.zone, lambda _: None, outcomes, MOST_WAITING))
        assert not scribe.submit(job(server.zone, lambda _: None, outcomes, 1))
        go_on.set()
        server.settle()
        assert scribe.submit(job(server.zone, lambda _: None, outcomes, 1))


def test_the_hub_serves_while_the_scribe_waits():
    go_on = threading.Event()
    with caching(answers(fresh())) as server:
        scribe.submit(job(server.zone, lambda _: go_on.wait(5.0), []))
        assert server.statuses(b"/", b"/") == ["MISS", "HIT"]
        go_on.set()


def test_it_keeps_the_interpreters_lock_for_a_moment_only():
    former = sys.getswitchinterval()
    with caching(answers(fresh())) as server:
        server.settle()
        assert server.statuses(b"/") == ["MISS"]
        server.settle()
        assert sys.getswitchinterval() == pytest.approx(HELD)
    sys.setswitchinterval(former)
