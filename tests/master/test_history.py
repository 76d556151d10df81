"""What was loaded, what became of it, and what can be had again."""

import pytest

from forkproxy.master.history import MOST, MOST_KEPT, History


def serving(history, number, text, like=0):
    history.loaded(number, 1000.0, like, {"/nginx.conf": text})
    history.committed(number)


def states(history):
    return {row["generation"]: row["state"] for row in history.rows()}


def test_each_load_says_what_became_of_it():
    history = History()
    serving(history, 1, "one")
    history.not_loaded(2, 1000.0, 0, "unknown directive")
    history.loaded(3, 1000.0, 0, {"/nginx.conf": "three"})
    history.retired(3, "its workers did not come up")
    serving(history, 4, "four")
    history.retired(1, "")
    assert states(history) == {4: "serving", 3: "failed", 2: "failed", 1: "served"}
    assert [row.get("reason") for row in history.rows()] == [
        None,
        "its workers did not come up",
        "unknown directive",
        None,
    ]


def test_what_has_served_can_be_had_again_and_nothing_else():
    history = History()
    serving(history, 1, "one")
    history.loaded(2, 1000.0, 0, {"/nginx.conf": "two"})
    assert history.texts(1) == {"/nginx.conf": "one"}
    for number in (2, 3):
        with pytest.raises(KeyError):
            history.texts(number)


def test_the_previous_is_the_last_that_was_different():
    history = History()
    serving(history, 1, "one")
    with pytest.raises(KeyError):
        history.previous()
    serving(history, 2, "two")
    serving(history, 3, "two")
    assert history.previous() == 1
    serving(history, 4, "one", like=1)
    assert history.previous() == 3


def test_what_was_rolled_back_to_is_held_until_the_files_are_read():
    history = History()
    serving(history, 1, "one")
    assert history.held() == 0
    serving(history, 2, "two")
    serving(history, 3, "one", like=1)
    assert history.held() == 3
    serving(history, 4, "two")
    assert history.held() == 0


def test_of_many_the_last_are_kept():
    history = History()
    for number in range(1, MOST + 10):
        serving(history, number, f"text {number}")
    rows = history.rows()
    assert len(rows) == MOST
    assert [row["generation"] for row in rows if row["kept"]] == list(
        range(MOST + 9, MOST + 9 - MOST_KEPT, -1)
    )


def test_what_serves_is_known_however_often_a_reload_fails():
    history = History()
    serving(history, 1, "one")
    for number in range(2, MOST + 10):
        history.not_loaded(number, 1000.0, 0, "unknown directive")
    assert states(history)[1] == "serving"
    assert len(history.rows()) == MOST


def test_of_what_is_not_kept_any_more_that_is_said():
    history = History()
    for number in range(1, MOST_KEPT + 3):
        serving(history, number, f"text {number}")
    with pytest.raises(KeyError, match="generation 1 had is not kept"):
        history.texts(1)
