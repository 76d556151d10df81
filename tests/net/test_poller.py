"""Tasks run in the hub, each in a greenlet, and what one of them does ends no other."""

import threading

import pytest

from forkproxy.net import tasks
from forkproxy.net.poller import poller_object
from tests.support.client import Client
from tests.support.eventually import eventually
from tests.support.hub import REPORTED, in_hub
from tests.support.inside import Inside


@pytest.fixture
def reports():
    """What nothing caught during this test; taken out of the record afterwards."""
    start = len(REPORTED)
    yield lambda: REPORTED[start:]
    del REPORTED[start:]


def test_a_spawned_function_runs_in_the_hubs_thread():
    ran = []
    in_hub(poller_object.spawn, lambda: ran.append(threading.current_thread().name))
    eventually(lambda: ran == ["hub"])


def test_a_spawned_function_gets_its_arguments():
    got = []
    in_hub(poller_object.spawn, lambda *given: got.append(given), 1, "two")
    eventually(lambda: got == [(1, "two")])


def test_spawned_functions_run_in_their_order_and_not_at_once():
    ran = []

    def spawn_three():
        for number in range(3):
            poller_object.spawn(ran.append, number)
        return list(ran)

    assert in_hub(spawn_three) == []
    eventually(lambda: ran == [0, 1, 2])


def test_an_error_that_a_task_does_not_catch_is_reported_with_its_name(reports):
    def breaks():
        raise LookupError("here")

    in_hub(poller_object.spawn, breaks)
    ((text, error),) = eventually(reports)
    assert "breaks" in text
    assert isinstance(error, LookupError)


def test_an_error_in_one_task_does_not_keep_the_next_from_running(reports):
    ran = []

    def spawn_both():
        poller_object.spawn(lambda: 1 / 0)
        poller_object.spawn(ran.append, "after")

    in_hub(spawn_both)
    eventually(lambda: ran == ["after"])
    assert len(reports()) == 1


def test_a_greenlet_is_used_again_for_the_next_task():
    for _ in range(3):
        in_hub(lambda: None)
    before = in_hub(lambda: poller_object.runners)
    for _ in range(20):
        in_hub(lambda: None)
    assert in_hub(lambda: poller_object.runners) == before


def test_tasks_that_wait_have_a_greenlet_each():
    passed = []
    before = in_hub(lambda: poller_object.runners)

    def waits(number):
        tasks.sleep(0.01)
        passed.append(number)

    def spawn_many():
        for number in range(before + 5):
            poller_object.spawn(waits, number)

    in_hub(spawn_many)
    eventually(lambda: len(passed) == before + 5)
    assert in_hub(lambda: poller_object.runners) >= before + 5


def test_what_is_asked_for_a_turns_end_is_called_after_the_tasks():
    calls = []
    in_hub(poller_object.at_turn_end, lambda: calls.append("end"))
    in_hub(lambda: calls.append("task"))
    eventually(lambda: "end" in calls[calls.index("task") :])


def test_a_turn_whose_end_goes_wrong_is_not_the_last():
    wrong = []

    def flush():
        if wrong:
            raise wrong.pop()

    with Inside("location / { return 200 ok; }") as server, Client(server.address) as client:
        in_hub(poller_object.at_turn_end, flush)
        assert client.get(b"/").body == b"ok"
        wrong.append(ValueError("once"))
        assert [client.get(b"/").body for _ in range(3)] == [b"ok"] * 3
        assert not wrong
        assert "at the end of a turn" in REPORTED.pop()[0]


def test_opening_it_twice_is_as_opening_it_once():
    in_hub(poller_object.open)
    assert in_hub(lambda: "still here") == "still here"


def test_its_time_is_monotonic():
    first = in_hub(lambda: poller_object.now)
    second = in_hub(lambda: poller_object.now)
    assert 0.0 < first <= second
