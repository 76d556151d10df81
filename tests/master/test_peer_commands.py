import pytest

from forkproxy.master import commands
from tests.support.administration import Master, server, upstream

A, B = "10.0.0.1:80", "10.0.0.2:80"


@pytest.fixture
def master():
    return Master(upstreams=[upstream("api", server(A, weight=5), B), upstream("lone", A)])


def run(master, text):
    return commands.run(master, text.split(), 7)


def states(master):
    return [row["state"] for row in run(master, "servers api").data["servers"]]


def test_a_server_is_drained_taken_down_and_ready_again(master):
    assert run(master, f"drain api {A}").data["state"] == "draining"
    assert run(master, f"down api {A}").data["state"] == "down"
    assert run(master, f"ready api {A}").data["state"] == "up"


@pytest.mark.parametrize("act", ["drain", "down", "del"])
def test_the_last_server_asks_for_force(master, act):
    reply = run(master, f"{act} lone {A}")
    assert (reply.status, reply.code) == (409, "UpstreamLastServer")
    assert run(master, f"{act} lone {A} --force").status == 200


def test_servers_are_listed_of_one_upstream_or_of_all(master):
    assert len(run(master, "servers").data["servers"]) == 3
    reply = run(master, "servers api")
    assert reply.text.splitlines()[0].startswith(f"upstream=api id=0 server={A}")
    assert run(master, "servers none").code == "UpstreamNotFound"


def test_a_server_is_added_with_options_and_deleted(master):
    reply = run(master, "add api 10.0.0.3:80 weight=2 fail_timeout=5s backup")
    assert (reply.data["id"], reply.data["weight"], reply.data["backup"]) == (2, 2, True)
    assert run(master, "add api 10.0.0.3:80").code == "EntryExists"
    assert run(master, "add api 10.0.0.4:80 colour=red").code == "UpstreamConfFormatError"
    assert run(master, "del api 10.0.0.3:80").status == 200
    assert len(states(master)) == 2


def test_a_weight_is_a_number(master):
    assert run(master, f"weight api {A} 9").data["weight"] == 9
    assert run(master, f"weight api {A} x").code == "UpstreamBadWeight"
    assert run(master, f"weight api {A} 0").data["state"] == "draining"


def test_the_state_is_what_is_not_as_the_file_says(master):
    run(master, f"drain api {A}")
    run(master, f"weight api {B} 3")
    run(master, "add api 10.0.0.3:80")
    run(master, f"del api {B} --force")
    reply = run(master, "state")
    assert reply.text.splitlines() == [
        f"api {A} ordered drain",
        f"api {B} removed",
        "api 10.0.0.3:80 added",
    ]
    assert reply.data["changes"][2]["line"]["name"] == "10.0.0.3:80"


def test_connections_are_ended_when_asked(master):
    assert run(master, f"kill api {A}") is None
    assert master.asked == [("kill", "api", A, 7)]


def test_the_answer_waits_for_the_workers(master):
    master.behind = [3]
    assert run(master, f"drain api {A}") is None
