import contextlib

import pytest

from forkproxy.build import build
from forkproxy.config.directives.health import HealthCheck
from forkproxy.config.load import load_text
from forkproxy.keeper.findings import Findings
from forkproxy.keeper.health import Examined, Health, Record, examine
from forkproxy.shared import cells
from forkproxy.shared.outcome import Outcome
from forkproxy.shared.scoreboard import Finding, PeerCell, Row
from forkproxy.upstream.check import Check, request
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.inside import Inside
from tests.support.origin import Origin, answers, response
from tests.support.peers import upstream
from tests.support.tls import folder, server_lines


def check(**given):
    settings = HealthCheck(**{"interval": 0.02, **given})
    return Check("/", settings, None, request(settings.uri, b"u"), 2.0, 2.0)


@contextlib.contextmanager
def checked(state, *checks):
    """Check one origin, whose answers have `state["status"]`; yield findings and its column."""

    def script(peer):
        peer.request()
        peer.send(response(b"x", status=b"%d X" % state["status"]))

    board = cells.make(2)
    with Origin(script) as origin:
        one = upstream(origin.address, "127.0.0.1:1 down")
        board.directory.allot([f"u/{origin.address}", "u/127.0.0.1:1"])
        for made in checks:
            one.check_by(made)
        findings = Findings(board.of(Row.KEEPER))
        one.attach(board.of(Row.KEEPER))
        first = findings.first(one, one.peers[0])
        if "before" in state:
            findings.find(first, state["before"])
        in_hub(Health(findings, [one]).begin)
        yield findings, first, origin
        one.drop(0)
        one.drop(1)


def test_a_peer_is_unhealthy_while_it_answers_badly():
    state = {"status": 500}
    with checked(state, check()) as (findings, first, _):
        eventually(lambda: findings.finding(first) is Finding.FINDING_UNHEALTHY)
        state["status"] = 200
        eventually(lambda: findings.finding(first) is Finding.FINDING_UP)
        assert findings.value(first, PeerCell.PEER_CHECK_FAILS) >= 1


def test_it_takes_so_many_failures_and_so_many_passes():
    record = Record()
    made = check(fails=3, passes=2)
    seen = []
    for passed in (False, False, True, False, False, False, True, False, True, True):
        record.note(passed=passed, check=made)
        seen.append(record.down)
    assert seen == [False] * 5 + [True] * 4 + [False]


def test_a_mandatory_check_must_pass_first():
    state = {"status": 500, "before": Finding.FINDING_UP}
    with checked(state, check(mandatory=True)) as (findings, first, _):
        assert findings.finding(first) in (Finding.FINDING_CHECKING, Finding.FINDING_UNHEALTHY)
        state["status"] = 204
        eventually(lambda: findings.finding(first) is Finding.FINDING_UP)


def test_what_was_found_before_holds_until_checks_say_otherwise():
    state = {"status": 200, "before": Finding.FINDING_UNHEALTHY}
    slow = check(passes=3)
    with checked(state, slow) as (findings, first, origin):
        origin.wait(1)
        eventually(lambda: findings.finding(first) is Finding.FINDING_UP)
        assert findings.value(first, PeerCell.PEER_CHECKS) >= 3


def test_what_no_check_holds_up_any_more_is_forgotten():
    with checked({"status": 500, "before": Finding.FINDING_UNHEALTHY}) as (findings, first, _):
        assert findings.finding(first) is Finding.FINDING_UP


def test_each_of_several_checks_must_pass():
    state = {"status": 200}
    with Origin(answers(response(b""))) as other:
        port = int(other.address.rpartition(":")[2])
        with checked(state, check(), check(port=port)) as (findings, first, _):
            eventually(lambda: findings.value(first, PeerCell.PEER_CHECKS) >= 2)
            assert findings.finding(first) is Finding.FINDING_UP
            other.close()
            eventually(lambda: findings.finding(first) is Finding.FINDING_UNHEALTHY)


@pytest.mark.parametrize("kind", ["http", "tcp"])
def test_nobody_there_is_unhealthy(kind):
    with Origin() as origin:
        one = upstream(origin.address)
    found = in_hub(examine, check(kind=kind), one.peers[0])
    assert "connect() failed" in found.objection
    assert found.outcome is Outcome.L4CON


def test_a_check_of_tcp_asks_nothing():
    with Origin() as origin:
        one = upstream(origin.address)
        assert in_hub(examine, check(kind="tcp"), one.peers[0]) == Examined("", Outcome.L4OK)
        assert origin.requests == []


def tls_check(location, tmp_path, listen="ssl"):
    """Return what a check of a TLS server of localhost, as this location has it, objects to."""
    location += (
        f" proxy_ssl_verify on; proxy_pass https://u; health_check; access_log {tmp_path}/a;"
    )
    with Inside(f"server {{ listen %PORT% {listen}; {server_lines()} return 200 ok; }}") as server:
        text = f"""error_log {tmp_path}/e; events {{}} http {{
            upstream u {{ server {server.address}; }}
            server {{ location / {{ {location} }} }} }}"""
        generation = build(load_text(text, prefix=str(tmp_path)))
        (one,) = [one for one in generation.upstreams if one.name == "u"]
        try:
            return in_hub(examine, one.checks[0], one.peers[0]).objection
        finally:
            generation.close()


@pytest.mark.parametrize(
    ("name", "trusted", "objection"),
    [
        ("localhost", "ca.pem", None),
        ("other.test", "ca.pem", "does not match"),
        ("localhost", "stranger.crt", "verify error"),
    ],
)
def test_a_check_by_tls_meets_the_peer_as_requests_would(name, trusted, objection, tmp_path):
    location = f"""proxy_ssl_name {name};
        proxy_ssl_trusted_certificate {folder()}/{trusted};"""
    found = tls_check(location, tmp_path)
    assert (objection in found) if objection else (found == "")


def test_a_check_by_tls_introduces_itself_before_all_else(tmp_path):
    location = f"""proxy_ssl_name localhost; proxy_protocol on;
        proxy_ssl_trusted_certificate {folder()}/ca.pem;"""
    assert tls_check(location, tmp_path, "ssl proxy_protocol") == ""
