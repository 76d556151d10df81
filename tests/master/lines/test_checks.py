import csv
import io

import pytest

from forkproxy.config.directives.health import HealthCheck
from forkproxy.keeper.findings import Findings
from forkproxy.shared.outcome import Outcome
from forkproxy.shared.scoreboard import Finding, Row
from forkproxy.upstream.check import Check, request
from tests.support.administration import Master, server, tell, upstream

A, B = "10.0.0.1:80", "10.0.0.2:80"


def checked(*lines):
    made = upstream("be", *lines)
    made.check_by(Check("/", HealthCheck(), None, request("/", b"be"), 1.0, 1.0))
    return made


@pytest.fixture
def master():
    return Master(upstreams=[checked(A, B)])


@pytest.fixture
def findings(master):
    return Findings(master.cells.of(Row.KEEPER))


def peer(master, address=A):
    return next(
        one for one in master.roster.upstreams()["be"].peers if one.name == address.encode()
    )


def wanted(master, findings, address=A):
    return findings.wanted(master.roster.upstreams()["be"], peer(master, address))


def row(master, svname=A):
    text = tell(master, "show stat")
    return next(one for one in csv.DictReader(io.StringIO(text[2:])) if one["svname"] == svname)


def test_checks_of_a_server_end_and_begin_again(master, findings):
    assert tell(master, f"disable health be/{A}") == ""
    assert not wanted(master, findings)
    assert wanted(master, findings, B)
    assert tell(master, f"enable health be/{A}") == ""
    assert wanted(master, findings)
    assert master.kept == {}


def test_checks_that_ended_are_not_made_after_a_reload(master, findings):
    tell(master, f"disable health be/{A}")
    master.load(2, [checked(A, B)])
    assert not wanted(master, findings)
    master.load(3, [checked(server(A, weight=2), B)])  # the very line is another one
    assert wanted(master, findings)


def test_checks_that_ended_are_not_made_after_a_restart(master):
    tell(master, f"disable health be/{A}")
    later = Master()
    later.roster.restore(master.kept)
    later.load(2, [checked(A, B)])
    assert not wanted(later, Findings(later.cells.of(Row.KEEPER)))


def test_a_weight_or_an_order_leaves_the_checks_as_they_are(master, findings):
    tell(master, f"disable health be/{A}")
    tell(master, f"set weight be/{A} 7")
    tell(master, f"set server be/{A} state drain")
    assert not wanted(master, findings)


def test_where_there_is_no_check_none_is_enabled():
    master = Master(upstreams=[upstream("be", A)])
    assert tell(master, f"disable health be/{A}") == ""
    assert tell(master, f"enable health be/{A}").startswith("Health check was not configured")
    assert tell(master, f"disable agent be/{A}") == ""
    assert tell(master, f"enable agent be/{A}").startswith("Agent was not configured")
    assert tell(master, "enable agent be/none") == "No such server."
    assert (row(master)["check_status"], row(master)["status"]) == ("", "UP")


def test_the_last_check_is_in_the_table(master, findings):
    first = findings.first(master.roster.upstreams()["be"], peer(master))
    findings.examined(first, Outcome.L7STS, 503, 12)
    findings.progress(first, 4, 2, 4)
    found = row(master)
    assert [found[f"check_{name}"] for name in ("status", "code", "duration", "desc")] == [
        *("L7STS", "503", "12", "Layer7 wrong status")
    ]
    assert [found[f"check_{name}"] for name in ("rise", "fall", "health")] == ["2", "4", "4"]
    assert found["status"] == "UP 3/4"
    findings.find(first, Finding.FINDING_UNHEALTHY)
    findings.progress(first, 0, 2, 4)
    assert row(master)["status"] == "DOWN"
    findings.progress(first, 1, 2, 4)
    assert row(master)["status"] == "DOWN 1/2"


def test_a_server_is_as_it_is_since_its_last_change(master):
    began = int(row(master)["lastchg"])
    assert began == 93784  # since we began
    tell(master, f"disable server be/{A}")
    assert row(master)["lastchg"] == "0"


def test_states_say_how_the_checks_do(master, findings):
    def said():
        return tell(master, "show servers state").splitlines()[2].split()[10:14]

    assert said() == ["1", "0", "2", "6"]
    first = findings.first(master.roster.upstreams()["be"], peer(master))
    findings.examined(first, Outcome.L4CON, 0, 1)
    tell(master, f"disable health be/{A}")
    assert said() == ["8", "2", "0", "2"]
