import os
import socket

import pytest

from forkproxy.config.settings import ControlSocket
from forkproxy.master.decisions.situation import Stage
from forkproxy.master.desk import Desk
from forkproxy.master.events import Command
from forkproxy.master.reply import Reply
from tests.support.holdings import House

PEER = "api/127.0.0.1:8001"
DONE = Reply("done")


@pytest.fixture
def house(tmp_path):
    with House(tmp_path, peers=[PEER]) as house:
        house.serve()
        house.asked = []
        house.desk = Desk(house.holdings, lambda *asked: house.asked.append(asked))
        yield house
        house.desk.close()


class Client:
    """Somebody at the control socket."""

    def __init__(self, house):
        self.house = house
        path = house.folder / "control.sock"
        house.desk.open(ControlSocket(str(path), 0o600, ""))
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(path))
        self.sock.settimeout(5.0)

    def ask(self, line):
        self.sock.sendall(line.encode() + b"\n")
        self.turn()

    def turn(self):
        for _ in range(3):  # the connection, what it asks, and its end
            self.house.turn()

    def answer(self):
        self.sock.setblocking(False)
        try:
            return self.sock.recv(65536).decode().strip()
        except BlockingIOError:
            return None


def test_facts_name_the_workers_that_take_requests(house):
    house.worker(50)
    house.worker(51, slot=1)
    house.holdings.situation.children[51].stage = Stage.DRAINING
    facts = house.desk.facts()
    assert [worker[:2] for worker in facts.workers] == [(0, 50)]
    assert (facts.pid, facts.generation) == (os.getpid(), 1)
    assert facts.listens == (f"127.0.0.1:{house.port}",)
    assert facts.worker_connections == 512
    assert facts.loaded_at >= facts.began_at


def test_status_is_of_the_generation_that_serves(house):
    house.keeper(60)
    house.worker(50)
    status = house.desk.status()
    assert (status["generation"], status["keeper"]) == (1, 60)
    assert [row["pid"] for row in status["workers"]] == [50]
    assert house.desk.workers() == status["workers"]


def test_a_command_is_begun_with_the_number_of_who_asks(house):
    house.desk.ask(Command.RELOAD, 7)
    assert house.asked == [(Command.RELOAD, 7, 0)]


def test_every_child_is_asked_for_its_stack_and_the_answer_has_all(house):
    client = Client(house)
    house.worker(50)
    house.keeper(60)
    client.ask("dump")
    ((number, *_),) = [(message["client"], message) for pid in (50,) for message in house.told(pid)]
    assert house.told(60)[0]["order"] == "dump"
    house.desk.answer_part(number, 50, "one")
    assert client.answer() is None
    house.desk.answer_part(number, 60, "two")
    assert client.answer() == "process 50\none\nprocess 60\ntwo"


def test_the_keeper_is_asked_where_there_is_one(house):
    assert not house.desk.ask_keeper("ls", ["a"], 7)
    house.keeper(60)
    assert house.desk.ask_keeper("ls", ["a"], 7)
    assert house.told(60) == [{"order": "ls", "client": 7, "words": ["a"]}]


def test_only_a_worker_can_end_a_session(house):
    house.worker(50)
    assert not house.desk.end_session(51, 3, 7, "no such session")
    assert house.desk.end_session(50, 3, 7, "no such session")
    (told,) = house.told(50)
    assert (told["order"], told["number"]) == ("shutdown", 3)


def test_sessions_are_asked_of_all_workers(house):
    house.worker(50)
    house.desk.sessions(7)
    house.desk.end_sessions("api", "127.0.0.1:8001", 8)
    assert [message["order"] for message in house.told(50)] == ["sessions", "kill"]


def test_a_change_is_answered_when_all_workers_have_it(house):
    assert house.desk.peers_known(7, DONE) is DONE
    house.worker(50)
    house.desk.roster.number = 2
    house.desk.keyvals.number = 1
    assert house.desk.peers_known(7, DONE) is None
    assert house.desk.keyvals_known(8, DONE) is None
    assert house.desk.wake_at() < float("inf")


def test_a_generation_without_certificates_to_look_after_shows_none(house):
    house.desk.managed = [{"names": ["a.example"], "expires": 0.0}]
    house.desk.committed(house.loaded[0])
    assert house.desk.status()["certificates"] == []


def test_without_a_control_socket_nobody_comes_in(house):
    client = Client(house)
    house.desk.open(None)
    client.sock.close()
    assert not (house.folder / "control.sock").exists()
