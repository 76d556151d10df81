import socket
from pathlib import Path

from forkproxy.net import tasks
from forkproxy.worker.drain import Drain
from tests.support.child import Child


class Connections:
    """An acceptor with a number of connections."""

    def __init__(self, count=0):
        self.count = count
        self.calls = []

    def stop_accepting(self):
        self.calls.append("stop accepting")

    def drain(self, grace):
        self.calls.append(f"drain {grace}")

    def connections(self):
        return self.count

    def finished(self):
        return not self.count

    def close_all(self):
        self.calls.append("close all")
        self.count = 0


def lived(tmp_path, act, connections=1):
    """Run `act(drain, acceptor)` in a child; return what its acceptor and its drain were told."""

    def function(life):
        acceptor = Connections(connections)
        listener = socket.create_server(("127.0.0.1", 0))
        drain = Drain(acceptor, [listener], life.end)
        act(drain, acceptor)
        life.wait()
        life.say(
            "over", calls=acceptor.calls, closed=drain.closed, listening=listener.fileno() >= 0
        )
        return 0

    with Child(function, Path(tmp_path)) as child:
        return child.heard("over")


def test_nothing_open_is_the_end(tmp_path):
    over = lived(tmp_path, lambda drain, _: drain.begin(60.0), connections=0)
    assert over["calls"] == ["stop accepting", "drain 5.0", "close all"]
    assert not over["listening"]
    assert over["closed"] == 0


def test_it_waits_for_the_last_connection(tmp_path):
    def act(drain, acceptor):
        drain.begin(60.0)
        tasks.Timer(0.2, lambda: setattr(acceptor, "count", 0))

    assert lived(tmp_path, act)["closed"] == 0


def test_at_the_deadline_the_rest_is_closed(tmp_path):
    assert lived(tmp_path, lambda drain, _: drain.begin(0.2), connections=3)["closed"] == 3


def test_the_grace_is_never_longer_than_the_limit(tmp_path):
    over = lived(tmp_path, lambda drain, _: drain.begin(0.2))
    assert "drain 0.2" in over["calls"]


def test_a_second_word_may_shorten_the_time(tmp_path):
    def act(drain, _):
        drain.begin(0.0)
        drain.begin(60.0)
        drain.begin(0.2)
        assert drain.begun

    over = lived(tmp_path, act, connections=2)
    assert over["closed"] == 2
    assert over["calls"].count("stop accepting") == 1


def test_stop_does_not_wait(tmp_path):
    def act(drain, _):
        drain.begin(60.0)
        drain.stop()

    assert lived(tmp_path, act, connections=4)["closed"] == 4
