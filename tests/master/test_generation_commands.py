"""history and rollback, in either tongue."""

import pytest

from tests.support.administration import Master, call, tell


@pytest.fixture
def master():
    master = Master()
    for number in (1, 2):
        master.history.loaded(number, 1000.0, 0, {"/nginx.conf": f"text {number}"})
        master.history.committed(number)
    return master


def test_the_history_is_told_the_last_first(master):
    _, data = call(master, "GET", "/api/9/forkproxy/history")
    assert [(row["generation"], row["state"]) for row in data["history"]] == [
        (2, "serving"),
        (1, "served"),
    ]
    assert tell(master, "history").splitlines()[0].startswith("generation=2 ")


@pytest.mark.parametrize("said", ["rollback", "rollback 1"])
def test_what_was_served_before_is_asked_for(master, said):
    assert tell(master, said) is None
    assert master.asked == [("rollback", 1, 7)]


@pytest.mark.parametrize(("word", "status"), [("9", 404), ("x", 400)])
def test_a_generation_that_is_not_there_is_refused(master, word, status):
    path = f"/api/9/forkproxy/rollback?generation={word}"
    assert call(master, "POST", path)[0] == status
    assert master.asked == []


def test_who_may_only_look_rolls_nothing_back(master):
    status, _ = call(master, "POST", "/api/9/forkproxy/rollback", write=False)
    assert (status, master.asked) == (405, [])
