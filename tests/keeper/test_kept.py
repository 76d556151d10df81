import pytest

from forkproxy.keeper import kept
from forkproxy.shared.store import open_state


@pytest.fixture
def store(tmp_path):
    made = open_state(tmp_path)
    yield made
    made.close()


def test_what_is_kept_is_there_again(store):
    kept.save(store, {"a": "1", "b": "2"})
    kept.save(store, {"b": "3"}, ["a", "none"])
    assert kept.load(store) == {"b": "3"}


def test_a_keeper_that_begins_makes_it_what_it_should_be(store):
    kept.save(store, {"a": "1", "b": "2"})
    store.change({b"order/x": b"1"})
    kept.become(store, {"b": "2", "c": "4"})
    assert kept.load(store) == {"b": "2", "c": "4"}
    assert store.get(b"order/x") == b"1"


def test_another_process_recalls_it(store, tmp_path):
    kept.save(store, {"a": "\u00e4"})
    store.close()
    assert kept.recall(tmp_path) == {"a": "\u00e4"}
