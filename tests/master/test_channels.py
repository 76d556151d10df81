import signal
import socket
import subprocess

import pytest

from forkproxy.master.events import Order
from tests.support.holdings import House


@pytest.fixture
def house(tmp_path):
    with House(tmp_path) as house:
        yield house


def test_what_a_child_says_is_passed_on_with_its_pid(house):
    house.worker(50).send({"event": "ready"})
    house.ends[50].send({"event": "heavy"})
    house.turn()
    assert house.heard == [(50, {"event": "ready"}), (50, {"event": "heavy"})]


def test_workers_the_keeper_and_all_are_told_apart(house):
    house.worker(50)
    house.worker(51, slot=1)
    house.keeper(60)
    channels = house.holdings.channels
    channels.tell_workers({"order": "a"})
    channels.tell_keeper({"order": "b"})
    channels.tell_all({"order": "c"})
    said = {pid: [message["order"] for message in house.told(pid)] for pid in house.ends}
    assert said == {50: ["a", "c"], 51: ["a", "c"], 60: ["b", "c"]}


def test_one_that_is_gone_does_not_hear_it(house):
    house.worker(50).close()
    house.holdings.channels.say(50, {"order": "a"})
    house.holdings.channels.say(51, {"order": "a"})


def test_a_child_that_has_hung_up_is_listened_to_no_more(house):
    house.worker(50).close()
    house.turn()
    assert not house.holdings.selector.get_map()


def test_a_child_that_is_forgotten_has_no_channel(house):
    house.worker(50)
    house.holdings.channels.close(50)
    house.holdings.channels.close(50)
    assert list(house.holdings.channels.pids()) == []
    house.holdings.channels.hear(50)
    assert house.ends[50].receive() is None


def test_sockets_go_with_the_order_to_adopt_them(house):
    house.worker(50)
    one, other = socket.socketpair()
    house.holdings.channels.order(50, Order.ADOPT, 2, [("a:80", one.fileno())])
    message, (descriptor,) = house.ends[50].receive()
    assert message == {"order": "adopt", "slot": 2, "texts": ["a:80"]}
    with socket.socket(fileno=descriptor) as adopted:
        adopted.send(b"x")
    assert other.recv(1) == b"x"
    one.close()
    other.close()


def test_one_that_cannot_be_told_to_drain_gets_the_signal(house):
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # who runs the tests may have it ignored
    with subprocess.Popen(["sleep", "60"]) as child:
        house.holdings.channels.order(child.pid, Order.REOPEN, -1, [])
        house.holdings.channels.order(child.pid, Order.DRAIN, -1, [])
        assert child.wait(10) == -signal.SIGQUIT


def test_in_a_child_the_descriptors_are_closed(house):
    house.worker(50)
    house.holdings.channels.leave()
    assert house.ends[50].receive() is None
