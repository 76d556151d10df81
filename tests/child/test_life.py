import signal
import threading

import psutil
import pytest

from forkproxy.net import tasks
from forkproxy.shared.scoreboard import Cell
from tests.support.child import Child
from tests.support.eventually import eventually


def simple(life):
    """Live until told to end, and tell what came."""
    life.on("drain", lambda _message, _descriptors: (life.say("draining"), life.end()))
    life.on("stop", lambda _message, _descriptors: (life.say("stopping"), life.end()))
    life.on("number", lambda message, _descriptors: life.say("number", value=message["value"]))
    life.say("ready")
    life.wait()
    return 5


@pytest.fixture
def child(tmp_path):
    with Child(simple, tmp_path) as child:
        child.heard("ready")
        yield child


def test_it_has_a_title(child):
    assert psutil.Process(child.pid).cmdline()[0].startswith("forkproxy: of a test")


def test_orders_come_over_the_channel(child):
    child.tell("number", value=3)
    assert child.heard("number")["value"] == 3
    child.tell("drain")
    assert child.heard("draining")
    assert child.exit_code() == 5


def test_an_order_nobody_knows_is_passed_over(child):
    child.tell("fly")
    child.tell("number", value=4)
    assert child.heard("number")["value"] == 4


@pytest.mark.parametrize(
    ("number", "event"), [(signal.SIGTERM, "stopping"), (signal.SIGQUIT, "draining")]
)
def test_signals_mean_what_they_mean_to_nginx(child, number, event):
    child.signal(number)
    assert child.heard(event)
    assert child.exit_code() == 5


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGHUP, signal.SIGUSR2, signal.SIGWINCH, signal.SIGTTOU]
)
def test_what_reaches_the_whole_group_is_left_to_the_master(child, number):
    child.signal(number)
    child.tell("number", value=1)
    assert child.heard("number")


def test_the_end_of_the_channel_is_the_end_of_the_master(child):
    child.orphan()
    assert child.exit_code() == 5
    assert "the master is gone" in child.log.read_text()


def test_it_beats(child):
    eventually(lambda: child.cells.board.value(child.row, Cell.BEAT) >= 1, within=3)


@pytest.mark.parametrize("way", ["order", "signal"])
def test_logs_are_reopened(child, tmp_path, way):
    child.log.rename(tmp_path / "old")
    if way == "order":
        child.tell("reopen")
    else:
        child.signal(signal.SIGUSR1)
    eventually(child.log.exists)


def test_a_dump_names_the_greenlets(tmp_path):
    def with_greenlets(life):
        tasks.spawn("dreamer", tasks.sleep, 60)
        return simple(life)

    with Child(with_greenlets, tmp_path) as child:
        child.heard("ready")
        child.tell("dump", client=7)
        answer = child.heard("dump")
        assert answer["client"] == 7
        assert "greenlet dreamer" in answer["text"]


def test_an_aborted_child_leaves_the_stack_of_its_thread_and_its_greenlets(tmp_path):
    def spinning(life):
        tasks.spawn("dreamer", tasks.sleep, 60)
        tasks.sleep(0)
        life.say("ready")
        spin_for_ever()

    with Child(spinning, tmp_path) as child:
        child.heard("ready")
        child.signal(signal.SIGABRT)
        assert child.exit_code() == -signal.SIGABRT
        text = child.log.read_text()
        assert "Current thread" in text
        assert "in spinning" in text
        assert "greenlet dreamer" in text


def spin_for_ever():
    while True:
        pass


def test_what_nobody_catches_in_a_greenlet_is_logged_and_life_goes_on(tmp_path):
    def failing(life):
        def fail():
            raise RuntimeError("no such luck")

        tasks.spawn("failing", fail)
        return simple(life)

    with Child(failing, tmp_path) as child:
        child.heard("ready")
        eventually(lambda: "no such luck" in child.log.read_text())
        child.tell("drain")
        assert child.exit_code() == 5


def test_a_child_has_one_thread(tmp_path):
    def count(life):
        life.say("threads", count=threading.active_count())
        return simple(life)

    with Child(count, tmp_path) as child:
        assert child.heard("threads")["count"] == 1
