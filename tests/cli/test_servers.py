"""The commands about servers, against a master's control socket in the same process."""

import contextlib
import json
import selectors
import threading

import pytest

from forkproxy.cli.main import main
from forkproxy.master.control import Control
from forkproxy.shared.scoreboard import PeerCell
from tests.support.administration import Master, server, upstream
from tests.support.clock import StoppedClock

A, B = "10.0.0.1:80", "10.0.0.2:80"


@contextlib.contextmanager
def administered(path):
    """Yield a master whose control socket is served by a thread."""
    master = Master(upstreams=[upstream("api", server(A, weight=5), B), upstream("lone", A)])
    selector = selectors.DefaultSelector()
    control = Control(master, selector, StoppedClock().monotonic)
    control.open(path, 0o600, "")
    over = threading.Event()

    def serve():
        while not over.is_set():
            for key, _ in selector.select(0.05):
                if selector.get_map().get(key.fd) is key:
                    key.data()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield master
    finally:
        over.set()
        thread.join(10)
        control.close()
        control.finish(0.1)
        selector.close()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "control.sock")


@pytest.fixture
def master(path):
    with administered(path) as master:
        yield master


@pytest.fixture
def run(path, capsys):
    def run(*words):
        code = main([*words, "--socket", path])
        found = capsys.readouterr()
        return code, found.out, found.err

    return run


def state(master, word=A):
    roster = master.roster
    return roster.ordered("api", roster.find("api", word))


@pytest.mark.usefixtures("master")
def test_servers_are_listed_as_a_table_and_as_json(run):
    code, out, _ = run("servers", "api")
    assert code == 0
    head, first, _ = out.splitlines()
    assert head.split()[:4] == ["upstream", "id", "server", "state"]
    assert first.split()[:5] == ["api", "0", A, "up", "5"]
    data = json.loads(run("servers", "--json")[1])
    assert [row["server"] for row in data["servers"]] == [A, B, A]


def test_a_server_is_drained_and_ready_again(master, run):
    assert run("drain", "api", A) == (0, "", "")
    assert state(master) == (1, 0)
    assert json.loads(run("ready", "api", A, "--json")[1])["state"] == "up"
    assert run("down", "api", A)[0] == 0
    assert state(master) == (2, 0)
    assert run("weight", "api", A, "7")[0] == 0
    assert state(master)[1] == 7


def test_the_last_server_asks_for_force(master, run):
    code, _, error = run("drain", "lone", A)
    assert code == 1
    assert "--force" in error
    assert run("drain", "lone", A, "--force")[0] == 0


def test_servers_are_added_and_deleted_and_the_state_shows_it(master, run):
    assert run("add", "api", "10.0.0.3:80", "weight=2", "backup")[0] == 0
    assert run("del", "api", B)[0] == 0
    lines = run("state", "diff")[1].splitlines()[1:]
    assert [line.split()[:3] for line in lines] == [
        ["api", B, "removed"],
        ["api", "10.0.0.3:80", "added"],
    ]
    assert len(json.loads(run("state", "--json")[1])["changes"]) == 2


@pytest.mark.usefixtures("master")
def test_without_a_change_the_state_says_so(run):
    assert run("state")[1] == "everything is as the configuration says\n"


@pytest.mark.usefixtures("master")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("drain", "none", A), "upstream not found"),
        (("ready", "api", "10.0.0.9:80"), "server not found"),
        (("weight", "api", A, "x"), "invalid weight"),
        (("add", "api", A), "server already exists"),
        (("add", "api", "10.0.0.9:80", "colour=red"), "invalid parameter"),
        (("drain", "api", A, "--wait", "soon"), "give a duration"),
    ],
)
def test_what_is_wrong_is_said_and_the_status_is_one(run, words, said):
    code, out, error = run(*words)
    assert (code, out) == (1, "")
    assert said in error


def test_drain_waits_until_the_server_is_empty(master, run):
    cell = master.cells.peer(f"api/{A}") + PeerCell.PEER_ACTIVE
    master.worker.add(cell)
    code, out, _ = run("drain", "api", A, "--wait", "300ms")
    assert code == 1
    assert "still has 1 requests" in out
    threading.Timer(0.2, master.worker.add, (cell, -1)).start()
    assert run("drain", "api", A, "--wait", "30s")[0] == 0
