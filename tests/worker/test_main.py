import json
import socket

import pytest

from forkproxy.worker import main
from tests.support.child import Child
from tests.support.echo import EchoAcceptor, load_from
from tests.support.eventually import eventually
from tests.support.master import Line
from tests.support.sockets import connect


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@pytest.fixture
def worker(tmp_path, listener):
    """A worker that accepts from `listener`."""
    with Child(life_of(tmp_path, listener), tmp_path) as child:
        child.heard("ready")
        yield child


def life_of(folder, listener, **conf):
    conf = {"ports": [listener.getsockname()[1]]} | conf
    (folder / "conf.json").write_text(json.dumps(conf))

    def function(life):
        generation = load_from(folder)(1)
        return main.run(life, generation, {generation.listens[0].text: [listener]}, EchoAcceptor)

    return function


def line_to(listener):
    host, port = listener.getsockname()
    return Line(connect(f"{host}:{port}"))


def test_it_serves_when_it_says_that_it_is_ready(worker, listener):
    with line_to(listener) as line:
        assert line.ask() == (worker.pid, 1)


def test_a_drain_lets_what_is_open_end(worker, listener):
    with line_to(listener) as line:
        line.ask()
        worker.tell("drain")
        worker.heard("draining")
        assert line.ask("stay") == (worker.pid, 1)
        line.ask_until_closed()
        assert worker.heard("drained")
        assert worker.exit_code() == 0


def test_a_stop_ends_what_is_open_and_says_so(worker, listener):
    with line_to(listener) as line:
        line.ask()
        worker.tell("stop")
        assert worker.exit_code() == 0
        assert line.closed()
        assert "closed 1 connections" in worker.log.read_text()


def test_an_orphan_ends_though_somebody_is_connected(worker, listener):
    with line_to(listener) as line:
        line.ask()
        worker.orphan()
        assert worker.exit_code(within=4.5) == 0


def test_adopted_sockets_are_accepted_from_until_they_are_released(worker):
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        worker.tell("adopt", [other.fileno()], slot=3, texts=["other"])
        with line_to(other) as line:
            assert line.ask()[0] == worker.pid
        worker.tell("release", slot=3)
        worker.tell("release", slot=3)
        worker.tell("dump")
        worker.heard("dump")
        with line_to(other) as line:
            line.send("hello")
            client, _ = accepted(other)
            client.close()


def accepted(listener):
    def accept():
        try:
            return listener.accept()
        except BlockingIOError:
            return None

    return eventually(accept)


def test_a_worker_that_drains_adopts_nothing(worker, listener):
    with line_to(listener) as line, socket.create_server(("127.0.0.1", 0)) as other:
        line.ask()
        worker.tell("drain")
        worker.heard("draining")
        worker.tell("adopt", [other.fileno()], slot=3, texts=["other"])
        worker.tell("dump")
        worker.heard("dump")
        with line_to(other) as stranger:
            stranger.send("hello")
            other.settimeout(5)
            other.accept()[0].close()


def test_a_worker_over_its_limit_asks_to_be_replaced(tmp_path, listener):
    life = life_of(tmp_path, listener, worker_memory_limit=1024 * 1024)
    with Child(life, tmp_path) as child:
        assert "more than 1 MiB" in child.heard("heavy", within=10)["text"]
