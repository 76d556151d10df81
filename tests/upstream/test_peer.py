import pytest

from forkproxy.net.poller import poller_object
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Finding, Order, PeerCell, Row, StandingCell
from forkproxy.upstream.peer import state_of
from tests.support.peers import peer, upstream


@pytest.fixture
def shared():
    """Return two processes' views of an upstream of two peers, and the first one's columns."""
    made = cells.make(4)
    here, there = (upstream("10.0.0.1", "10.0.0.2 max_fails=2 fail_timeout=5s") for _ in "ab")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    for row, one in enumerate((here, there), Row.FIRST_WORKER):
        made.board.claim(row)
        one.attach(made.of(row))
    return made, here, there


def store(made, name, cell, value):
    made.board.standing_store(made.peer(f"u/{name}:80"), cell, value)


def available(one):
    return {address.name.decode() for address in one.peers if address.may_be_asked()}


@pytest.mark.parametrize("order", [Order.ORDER_DRAIN, Order.ORDER_DOWN])
def test_an_order_of_the_master_holds_in_every_process(shared, order):
    made, here, there = shared
    store(made, "10.0.0.1", StandingCell.STANDING_ORDER, order)
    assert available(here) == available(there) == {"10.0.0.2"}


@pytest.mark.parametrize("finding", [f for f in Finding if f is not Finding.FINDING_UP])
def test_a_finding_of_the_keeper_holds_in_every_process(shared, finding):
    made, here, there = shared
    store(made, "10.0.0.1", StandingCell.STANDING_FINDING, finding)
    assert available(here) == available(there) == {"10.0.0.2"}


def test_a_draining_peer_is_there_for_its_sessions(shared):
    made, here, _ = shared
    made.board.standing_store(
        made.peer("u/10.0.0.1:80"), StandingCell.STANDING_ORDER, Order.ORDER_DRAIN
    )
    assert peer(here, "10.0.0.1").may_be_asked(session=True)


def test_a_peer_that_is_ordered_up_serves_whatever_its_line_says():
    made = cells.make(1)
    one = upstream("10.0.0.1 down", "10.0.0.2")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    one.attach(made)
    assert available(one) == {"10.0.0.2"}
    made.board.standing_store(
        made.peer("u/10.0.0.1:80"), StandingCell.STANDING_ORDER, Order.ORDER_UP
    )
    assert available(one) == {"10.0.0.1", "10.0.0.2"}


def test_failures_in_different_processes_add_up(shared):
    made, here, there = shared
    peer(here, "10.0.0.2").fail()
    assert available(there) == {"10.0.0.1", "10.0.0.2"}
    peer(there, "10.0.0.2").fail()
    assert available(here) == {"10.0.0.1"}
    assert made.board.total(made.peer("u/10.0.0.2:80") + PeerCell.PEER_FAILS) == 2
    assert made.board.total(made.peer("u/10.0.0.2:80") + PeerCell.PEER_UNAVAIL) == 1


def test_a_lone_peer_is_never_taken_out():
    one = upstream("10.0.0.1")
    one.peers[0].fail()
    assert available(one) == {"10.0.0.1"}


def test_a_failure_counts_against_a_peer_with_a_backup():
    one = upstream("10.0.0.1", "10.0.0.2 backup")
    one.peers[0].fail()
    assert one.choose().name == b"10.0.0.2"


def test_no_process_goes_over_max_conns():
    made = cells.make(4)
    here, there = (upstream("10.0.0.1 max_conns=2", "10.0.0.2") for _ in "ab")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    for row, one in enumerate((here, there)):
        one.attach(made.of(Row.FIRST_WORKER + row))
    assert [here.peers[0].take_place(), there.peers[0].take_place()] == [True, True]
    assert available(here) == {"10.0.0.2"}
    assert not there.peers[0].take_place()
    here.peers[0].leave_place()
    assert there.peers[0].take_place()
    assert here.peers[0].active == 2


def test_the_dead_hold_no_places():
    made = cells.make(4)
    one = upstream("10.0.0.1 max_conns=1", "10.0.0.2")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    one.attach(made.of(Row.FIRST_WORKER))
    one.peers[0].take_place()
    assert available(one) == {"10.0.0.2"}
    made.bury(Row.FIRST_WORKER)
    assert available(one) == {"10.0.0.1", "10.0.0.2"}


def test_the_states_are_said_in_the_words_of_the_api(shared):
    made, here, _ = shared
    first = made.peer("u/10.0.0.1:80")
    server = here.peers[0].member.server

    def state():
        return state_of(made, first, server)

    assert state() == "up"
    here.peers[0].fail()
    assert state() == "unavail"
    for finding, word in (
        (Finding.FINDING_UNHEALTHY, "unhealthy"),
        (Finding.FINDING_EJECTED, "unavail"),
        (Finding.FINDING_CHECKING, "checking"),
    ):
        made.board.standing_store(first, StandingCell.STANDING_FINDING, finding)
        assert state() == word
    made.board.standing_store(first, StandingCell.STANDING_ORDER, Order.ORDER_DRAIN)
    assert state() == "draining"
    made.board.standing_store(first, StandingCell.STANDING_ORDER, Order.ORDER_DOWN)
    assert state() == "down"


def test_a_peer_that_serves_again_starts_slowly():
    made = cells.make(1)
    one = upstream("10.0.0.1 slow_start=1h", "10.0.0.2")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    one.attach(made)
    now = int(poller_object.now * 1000) or 1
    first = made.peer("u/10.0.0.1:80")
    made.board.standing_store(first, StandingCell.STANDING_UP_AT, max(1, now))
    names = [one.choose().name for _ in range(100)]
    assert names.count(b"10.0.0.1") <= 1


def test_the_share_of_a_peer_that_starts_slowly_grows_with_time():
    made = cells.make(1)
    one = upstream("10.0.0.1 slow_start=40s", "10.0.0.2")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    one.attach(made)
    first = made.peer("u/10.0.0.1:80")
    shares = []
    for since in (4.0, 20.0, 41.0):
        moment = max(1, int((poller_object.now - since) * 1000))
        made.board.standing_store(first, StandingCell.STANDING_UP_AT, moment)
        names = [one.choose().name for _ in range(10_000)]
        shares.append(names.count(b"10.0.0.1") / 10_000)
    # A tenth, a half and the whole of its weight beside that of the other.
    assert shares == pytest.approx([0.1 / 1.1, 0.5 / 1.5, 0.5], abs=0.02)
