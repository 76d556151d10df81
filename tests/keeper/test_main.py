import pytest

from forkproxy.keeper import main
from forkproxy.keeper.main import Duty, Timetable
from forkproxy.shared.scoreboard import Cell, Order, PeerCell, Row
from forkproxy.shared.store import open_state
from tests.support.child import ROW, Child
from tests.support.eventually import eventually


def test_a_duty_is_performed_when_it_is_due():
    calls = []
    often = Duty(10.0, lambda: calls.append("often"))
    seldom = Duty(15.0, lambda: calls.append("seldom"))
    table = Timetable([often, seldom])
    for now in (100.0, 105.0, 110.0, 115.0, 120.0):
        table.perform_due(now)
    assert calls == ["often", "seldom", "often", "seldom", "often"]


def test_a_duty_that_fails_has_its_turn_again_and_hinders_no_other():
    calls = []

    def fail():
        calls.append("failed")
        raise RuntimeError("no such luck")

    table = Timetable([Duty(1.0, fail), Duty(1.0, lambda: calls.append("performed"))])
    table.perform_due(1.0)
    table.perform_due(2.0)
    assert calls == ["failed", "performed"] * 2


@pytest.fixture
def keeper(tmp_path):
    with child(tmp_path) as keeper:
        yield keeper


def child(folder, state="state"):
    path = str(folder / state) if state else ""
    return Child(lambda life: main.run(life, path), folder, peers=["api/a"], row=int(Row.KEEPER))


def test_it_tells_what_is_stored_and_is_ready(keeper):
    assert keeper.heard("orders")["orders"] == {}
    assert keeper.heard("ready")


def test_orders_are_stored_once_the_master_has_taken_the_old_ones(keeper, tmp_path):
    keeper.heard("ready")
    cell = keeper.cells.peer("api/a") + PeerCell.PEER_ORDER
    keeper.cells.board.store(Row.MASTER, cell, Order.ORDER_DRAIN)
    keeper.tell("orders taken")
    keeper.tell("dump")
    keeper.heard("dump")
    keeper.tell("drain")
    assert keeper.exit_code() == 0
    with child(tmp_path) as other:
        assert other.heard("orders")["orders"] == {"api/a": Order.ORDER_DRAIN}


def test_orders_are_not_stored_before(keeper, tmp_path):
    keeper.heard("ready")
    cell = keeper.cells.peer("api/a") + PeerCell.PEER_ORDER
    keeper.cells.board.store(Row.MASTER, cell, Order.ORDER_DRAIN)
    keeper.tell("drain")
    keeper.exit_code()
    with child(tmp_path) as other:
        assert other.heard("orders")["orders"] == {}


def test_counters_are_saved_at_the_end_too(keeper, tmp_path):
    keeper.heard("ready")
    keeper.cells.board.claim(ROW)
    keeper.cells.board.add(ROW, Cell.REQUESTS, 4)
    keeper.tell("drain")
    assert keeper.exit_code() == 0
    state = open_state(tmp_path / "state")
    assert state.get(b"total/requests") == b"4"
    state.close()


def test_the_death_of_a_worker_is_no_trouble(keeper):
    keeper.heard("ready")
    keeper.tell("buried")
    keeper.tell("stop")
    assert keeper.exit_code() == 0


def test_an_orphan_ends_at_once(keeper):
    keeper.heard("ready")
    keeper.orphan()
    assert keeper.exit_code() == 0


@pytest.mark.parametrize("state", ["", "conf/file/state"])
def test_without_a_place_for_the_state_it_keeps_on(tmp_path, state):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "file").write_text("")
    with child(tmp_path, state) as keeper:
        keeper.heard("ready")
        keeper.tell("drain")
        assert keeper.exit_code() == 0
    if state:
        eventually(lambda: "will not outlive a restart" in keeper.log.read_text())
