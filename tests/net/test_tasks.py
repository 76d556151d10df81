"""What the floors above need of gevent, in a hub of the test's own process."""

import os
import threading

import pytest

from forkproxy.net import tasks
from tests.support.eventually import eventually
from tests.support.hub import begin, in_hub


def test_a_thread_without_a_hub_says_so():
    assert in_hub(tasks.hub_started)
    found = []
    thread = threading.Thread(target=lambda: found.append(tasks.hub_started()))
    thread.start()
    thread.join()
    assert found == [False]


def test_a_spawned_function_runs_with_its_arguments():
    got = []
    in_hub(tasks.spawn, "test", lambda *given: got.append(given), 1, 2)
    eventually(lambda: got == [(1, 2)])


def test_who_sleeps_lets_others_run():
    order = []

    def sleeper():
        tasks.sleep(0.02)
        order.append("slept")

    finish = begin(sleeper)
    in_hub(order.append, "meanwhile")
    finish()
    assert order == ["meanwhile", "slept"]


def test_an_event_wakes_who_waits_for_it():
    event = in_hub(tasks.Event)
    finish = begin(event.wait)
    in_hub(event.set)
    assert finish() is True


def test_a_timer_calls_again_and_again():
    calls = []
    timer = in_hub(tasks.Timer, 0.005, lambda: calls.append(1))
    eventually(lambda: len(calls) >= 3)
    in_hub(timer.stop)


def test_a_stopped_timer_calls_no_more():
    calls = []

    def start_and_stop():
        timer = tasks.Timer(0.001, lambda: calls.append(1))
        timer.stop()
        tasks.sleep(0.02)

    in_hub(start_and_stop)
    assert calls == []


def test_a_watch_calls_when_there_is_something_to_read():
    reading, writing = os.pipe()
    got = []
    watch = in_hub(tasks.Watch, reading, lambda: got.append(os.read(reading, 10)))
    os.write(writing, b"news")
    eventually(lambda: got == [b"news"])
    in_hub(watch.stop)
    os.close(reading)
    os.close(writing)


def test_a_stopped_watch_calls_no_more():
    reading, writing = os.pipe()
    got = []

    def watch_and_stop():
        tasks.Watch(reading, lambda: got.append(1)).stop()
        os.write(writing, b"news")
        tasks.sleep(0.02)

    in_hub(watch_and_stop)
    assert got == []
    os.close(reading)
    os.close(writing)


def test_a_dump_shows_what_a_greenlet_waits_for():
    release = in_hub(tasks.Event)

    def waits_here():
        release.wait()

    finish = begin(waits_here)
    eventually(lambda: any("waits_here" in line for line in in_hub(tasks.dump)))
    in_hub(release.set)
    finish()


def test_a_dump_shows_named_greenlets_by_their_name():
    release = in_hub(tasks.Event)

    def waits():
        release.wait()

    in_hub(tasks.spawn, "patience", waits)
    eventually(lambda: "greenlet patience" in in_hub(tasks.dump))
    in_hub(release.set)


def test_what_a_thread_raises_is_raised_where_it_is_waited_for():
    def fail():
        raise LookupError("here")

    with pytest.raises(LookupError, match="here"):
        in_hub(tasks.in_thread, fail)
    assert in_hub(tasks.in_thread, max, 1, 2) == 2
