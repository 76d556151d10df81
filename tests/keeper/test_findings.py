from forkproxy.keeper import findings as module
from forkproxy.keeper.findings import Findings
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Finding, PeerCell, Row, StandingCell
from forkproxy.shared.store import open_state
from tests.support.peers import upstream


def made():
    """Return the cells as the keeper sees them, its findings, an upstream and its first column."""
    board = cells.make(2)
    one = upstream("10.0.0.1", "10.0.0.2")
    board.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    keeper = board.of(Row.KEEPER)
    one.attach(keeper)
    found = Findings(keeper)
    return keeper, found, one, found.first(one, one.peers[0])


def test_a_finding_is_seen_by_the_next_pick():
    _, findings, one, first = made()
    assert findings.find(first, Finding.FINDING_UNHEALTHY)
    assert not findings.find(first, Finding.FINDING_UNHEALTHY)
    assert {one.choose().name for _ in range(3)} == {b"10.0.0.2"}
    assert findings.find(first, Finding.FINDING_UP)
    assert len({one.choose().name for _ in range(2)}) == 2


def test_what_happened_is_counted():
    keeper, findings, _, first = made()
    findings.checked(first, passed=True)
    findings.checked(first, passed=False)
    findings.find(first, Finding.FINDING_UNHEALTHY)
    down_at = findings.value(first, PeerCell.PEER_DOWN_AT)
    findings.find(first, Finding.FINDING_UP)
    assert down_at > 0
    assert findings.value(first, PeerCell.PEER_DOWN_AT) == 0
    counted = [PeerCell.PEER_CHECKS, PeerCell.PEER_CHECK_FAILS, PeerCell.PEER_UNHEALTHY]
    assert [findings.value(first, cell) for cell in counted] == [2, 1, 1]
    assert findings.value(first, PeerCell.PEER_LAST_PASSED) == 0
    assert keeper.board.standing_value(first, StandingCell.STANDING_UP_AT) > 0


def test_findings_outlive_a_restart(tmp_path):
    keeper, findings, one, first = made()
    state = open_state(tmp_path)
    findings.find(first, Finding.FINDING_UNHEALTHY)
    module.save(state, keeper)
    _, later, again, column = made()
    module.restore(module.kept(state), later, [again])
    assert later.finding(column) is Finding.FINDING_UNHEALTHY
    findings.find(first, Finding.FINDING_UP)
    module.save(state, keeper)
    _, later, again, column = made()
    module.restore(module.kept(state), later, [again])
    assert later.finding(column) is Finding.FINDING_UP
    state.close()
    assert one.name == "u"


def test_what_was_found_can_be_asked_for_alone(tmp_path):
    keeper, findings, _, first = made()
    state = open_state(tmp_path)
    findings.find(first, Finding.FINDING_UNHEALTHY)
    module.save(state, keeper)
    state.close()
    assert module.recall(tmp_path) == {"u/10.0.0.1:80": Finding.FINDING_UNHEALTHY}


def test_what_we_know_ourselves_is_not_overruled_by_what_was_kept(tmp_path):
    keeper, findings, one, first = made()
    state = open_state(tmp_path)
    findings.find(first, Finding.FINDING_EJECTED)
    module.save(state, keeper)
    findings.find(first, Finding.FINDING_UP)
    findings.checked(first, passed=True)
    module.restore(module.kept(state), findings, [one])
    assert findings.finding(first) is Finding.FINDING_UP
    state.close()
