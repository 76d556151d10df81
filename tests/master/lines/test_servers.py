import csv
import io

import pytest

from forkproxy.master.commands import Level
from forkproxy.shared.scoreboard import PeerCell
from tests.support.administration import WORKER_ROW, Master, server, tell, upstream

A, B = "10.0.0.1:80", "10.0.0.2:80"


@pytest.fixture
def master():
    return Master(upstreams=[upstream("be", server(A, weight=5), server(B, backup=True))])


def row(master, svname):
    text = tell(master, "show stat")
    return next(one for one in csv.DictReader(io.StringIO(text[2:])) if one["svname"] == svname)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"set server be/{A} state drain", "DRAIN"),
        (f"set server be/{A} state maint", "MAINT"),
        (f"set server be/{A} health stopping", "DRAIN"),
        (f"disable server be/{A}", "MAINT"),
        (f"set weight be/{A} 0%", "DRAIN"),
    ],
)
def test_a_server_is_taken_out_and_in_again(master, line, status):
    assert row(master, A)["status"] == "UP"
    assert tell(master, line) == ""
    assert row(master, A)["status"] == status
    back = f"set weight be/{A} 100%" if "weight" in line else f"set server be/{A} state ready"
    assert tell(master, back) == ""
    assert row(master, A)["status"] == "UP"


@pytest.mark.parametrize(
    "line",
    [
        f"set server be/{A} state maint",
        f"set server be/{A} health stopping",
        f"disable server be/{A}",
        f"set weight be/{A} 0",
    ],
)
def test_the_last_server_is_taken_out_only_by_force(line):
    master = Master(upstreams=[upstream("be", A)])
    assert "is the last server of be" in tell(master, line)
    assert row(master, A)["status"] == "UP"
    assert tell(master, f"{line} force") == ""
    assert row(master, A)["status"] in ("MAINT", "DRAIN")


def test_a_weight_is_absolute_or_a_share(master):
    assert tell(master, f"get weight be/{A}") == "5 (initial 5)"
    assert tell(master, f"set weight be/{A} 10") == ""
    assert tell(master, f"get weight be/{A}") == "10 (initial 5)"
    assert tell(master, f"set server be/{A} weight 50%") == ""
    assert tell(master, f"get weight be/{A}") == "3 (initial 5)"


def test_a_server_is_added_in_maintenance_and_deleted_there(master):
    assert tell(master, "add server be/s3 10.0.0.3:80 weight 2 maxconn 9 check") == (
        "New server registered."
    )
    assert row(master, "10.0.0.3:80")["status"] == "MAINT"
    assert row(master, "10.0.0.3:80")["slim"] == "9"
    assert tell(master, "enable server be/10.0.0.3:80") == ""
    assert row(master, "10.0.0.3:80")["status"] == "UP"
    assert tell(master, "del server be/10.0.0.3:80").startswith("Only servers in maintenance")
    tell(master, "disable server be/10.0.0.3:80")
    assert tell(master, "del server be/10.0.0.3:80") == "Server deleted."


def test_a_busy_server_is_not_deleted(master):
    first = master.cells.peer(f"be/{A}")
    master.cells.board.add(WORKER_ROW, first + PeerCell.PEER_ACTIVE, 1)
    tell(master, f"disable server be/{A}")
    assert tell(master, f"del server be/{A}").startswith("Server still has connections")


def test_an_address_is_changed(master):
    assert tell(master, f"set server be/{A} addr 10.0.0.1 port 81") == (
        "no need to change the addr, port changed from '80' to '81' by 'stats socket command'"
    )
    assert tell(master, "get weight be/10.0.0.1:81") == "5 (initial 5)"
    assert tell(master, "set server be/10.0.0.1:81 addr 10.0.0.1 port 81") == (
        "no need to change the addr, nor the port"
    )


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("get weight be/none", "No such server."),
        ("get weight none/a", "No such backend."),
        ("get weight be", "Require 'backend/server'."),
        (f"set weight be/{A}", "Require <weight> or <weight%>."),
        (f"set weight be/{A} x", "Empty weight string empty or preceded by garbage"),
        (f"set weight be/{A} 500", "Absolute weight can only be between 0 and 256 inclusive."),
        (f"set server be/{A}", "usage: set server <backend>/<server> addr | agent | fqdn | health"),
        (f"set server be/{A} agent up", "agent checks are not enabled on this server."),
        (f"set server be/{A} fqdn x", f"set server be/{A} fqdn failed because no resolution"),
        (f"set server be/{A} fqdn", f"set server be/{A} fqdn failed because no FQDN"),
        (f"set server be/{A} state x", "'set server <srv> state' expects 'ready', 'drain'"),
        (f"set server be/{A} health x", "'set server <srv> health' expects 'up', 'stopping'"),
        (f"set server be/{A} addr x.example", "Only IPv4, IPv6 and UNIX addresses"),
        (f"add server be/x {A}", "Already exists a server with the same name in backend."),
        ("add server be/x", "'server' expects <name> and <addr>[:<port>] as arguments."),
        ("add server none/x 10.0.0.9", "No such backend."),
        ("add server be/x 10.0.0.9 weight x", "'weight' expects an integer argument."),
        ("add server be/x 10.0.0.9 colour", "'server colour' option is not supported."),
        ("show servers state none", "Can't find backend."),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(master, line, answer):
    assert tell(master, line).startswith(answer)
    assert (master.told, master.kept) == ([], {})


def test_who_may_only_look_changes_nothing(master):
    assert tell(master, f"set weight be/{A} 1", Level.OPERATOR) == "Permission denied"
    assert tell(master, f"get weight be/{A}", Level.USER) == "5 (initial 5)"


def test_backends_and_states_are_listed(master):
    assert tell(master, "show backend") == "# name\nbe"
    tell(master, f"set server be/{A} state drain")
    version, head, first, second = tell(master, "show servers state be").splitlines()
    assert version == "1"
    assert len(head.split()) == 26
    assert first.split()[:9] == ["2", "be", "1", A, "10.0.0.1", "3", "8", "0", "5"]
    assert first.split()[18] == "80"
    assert second.split()[5:7] == ["2", "0"]
    assert tell(master, "show servers conn").splitlines()[1].startswith(f"be/{A} 2/1 10.0.0.1 80 -")


def test_the_backend_is_the_sum_of_its_servers(master):
    first = master.cells.peer(f"be/{A}")
    master.cells.board.add(WORKER_ROW, first + PeerCell.PEER_REQUESTS, 3)
    master.cells.board.add(WORKER_ROW, first + PeerCell.PEER_ACTIVE, 1)
    backend = row(master, "BACKEND")
    assert (backend["pxname"], backend["status"]) == ("be", "UP")
    assert [backend[name] for name in ("stot", "scur", "act", "bck")] == ["3", "1", "1", "1"]
    assert row(master, B)["bck"] == "1"
    for name in (A, B):
        tell(master, f"disable server be/{name} force")
    assert row(master, "BACKEND")["status"] == "DOWN"


def test_sessions_are_ended_when_asked(master):
    assert tell(master, f"shutdown sessions server be/{A}") is None
    assert master.asked == [("kill", "be", A, 7)]
