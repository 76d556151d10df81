import os
import sys

import pytest

from forkproxy.net import tasks
from tests.support.child import Child


def lived(tmp_path, act):
    """Run `act(life)` in a process with a hub; return the fields of what it said."""

    def function(life):
        act(life)
        life.wait()
        return 0

    with Child(function, tmp_path) as child:
        return child.heard("said")


def test_a_spawned_function_runs_with_its_name(tmp_path):
    def act(life):
        tasks.spawn("dreamer", tasks.sleep, 60)
        tasks.sleep(0)
        life.say("said", dump=tasks.dump())

    assert "greenlet dreamer" in lived(tmp_path, act)["dump"]


def test_a_timer_calls_until_it_is_stopped(tmp_path):
    def act(life):
        calls = []
        timer = tasks.Timer(0.01, lambda: calls.append(1))
        while len(calls) < 3:
            tasks.sleep(0.005)
        timer.stop()
        count = len(calls)
        tasks.sleep(0.05)
        life.say("said", more=len(calls) - count)

    assert lived(tmp_path, act)["more"] == 0


def test_a_watch_calls_when_there_is_something_to_read(tmp_path):
    def act(life):
        reader, writer = os.pipe()
        watch = tasks.Watch(reader, lambda: heard())

        def heard():
            watch.stop()
            life.say("said", octets=os.read(reader, 10).decode())

        tasks.spawn("writer", os.write, writer, b"hello")

    assert lived(tmp_path, act)["octets"] == "hello"


def test_an_event_lets_those_go_on_who_wait_for_it(tmp_path):
    def act(life):
        event = tasks.Event()
        tasks.spawn("setter", event.set)
        event.wait()
        life.say("said", waited=True)

    assert lived(tmp_path, act)["waited"]


def test_the_hub_is_there_only_where_it_was_opened(tmp_path):
    assert lived(tmp_path, lambda life: life.say("said", hub=tasks.hub_started()))["hub"]


@pytest.mark.parametrize("name", ["gevent.libev.corecext", "gevent.threadpool"])
def test_what_the_hub_needs_is_imported_before(name):
    assert name in sys.modules
