import os

from forkproxy.master.events import HandedOver, HandOverFailed, TakenOver
from forkproxy.master.succession import Succession
from forkproxy.shared.channel import pair
from tests.support.eventually import eventually
from tests.support.holdings import House


def succession(house):
    events = []
    made = Succession(house.holdings.selector, house.holdings.listeners, events.append)
    return made, events


def test_who_follows_has_what_the_old_master_kept_and_tells_it_when_it_serves(tmp_path):
    old, new = pair()
    old.send({"kept": {"a": "1"}})
    with House(tmp_path) as house:
        made, _ = succession(house)
        assert not made.follows
        assert made.follow(new) == {"a": "1"}
        assert made.follows
        made.serve()
        assert not made.follows
        made.serve()
    assert old.receive()[0] == {"serves": os.getpid()}
    old.close()


def test_the_new_master_is_heard_and_has_the_listeners(tmp_path, monkeypatch):
    script = (
        "import os; from forkproxy.master import upgrade; old = upgrade.predecessor();"
        "upgrade.read_kept(old); old.send({'serves': os.getpid()})"
    )
    monkeypatch.setattr("sys.orig_argv", ["python", "-c", script])
    with House(tmp_path) as house:
        house.holdings.generations.prepare(1)
        made, events = succession(house)
        event = made.hand_over({})
        assert isinstance(event, HandedOver)
        os.waitpid(event.pid, 0)
        eventually(lambda: house.turn() or events, 5.0, "the new master is heard")
        assert events == [TakenOver()]
        assert made.over
        assert house.holdings.listeners.texts() == []


def test_a_new_master_that_goes_without_a_word_serves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.orig_argv", ["python", "-c", ""])
    with House(tmp_path) as house:
        made, events = succession(house)
        event = made.hand_over({})
        os.waitpid(event.pid, 0)
        house.turn()
        assert events == []
        assert not made.over
        assert not house.holdings.selector.get_map()


def test_a_program_that_cannot_be_started_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.executable", "/no/such/program")
    with House(tmp_path) as house:
        made, _ = succession(house)
        event = made.hand_over({})
    assert isinstance(event, HandOverFailed)
    assert "/no/such/program" in event.text
