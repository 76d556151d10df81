import pytest

from forkproxy.keeper import kept, main
from forkproxy.keeper.main import Duty, Timetable
from forkproxy.shared.scoreboard import Cell, Row
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


def child(folder, state="state", wanted=()):
    path = str(folder / state) if state else ""
    return Child(
        lambda life: main.run(life, path, lambda: dict(wanted)), folder, row=int(Row.KEEPER)
    )


def test_what_is_wanted_is_kept_and_what_changes_too(tmp_path):
    with child(tmp_path, wanted={"a": "1", "b": "2"}) as keeper:
        keeper.heard("ready")
        keeper.tell("keep", put={"c": "3"}, delete=["a"])
        keeper.tell("drain")
        assert keeper.exit_code() == 0
    assert kept.recall(tmp_path / "state") == {"b": "2", "c": "3"}


def test_a_ban_that_is_lifted_while_a_keeper_begins_is_not_kept(tmp_path):
    with child(tmp_path, wanted={"a": "1", "limit/ban/zone/tag": "[]"}) as keeper:
        keeper.heard("ready")
        keeper.tell("drain")
        assert keeper.exit_code() == 0
    assert kept.recall(tmp_path / "state") == {"a": "1"}


def test_a_file_is_written_as_a_whole(keeper, tmp_path):
    keeper.heard("ready")
    keeper.tell("write", path=str(tmp_path / "servers.conf"), text="server 10.0.0.1;\n")
    keeper.tell("write", path=str(tmp_path / "none" / "file"), text="x")
    keeper.tell("drain")
    assert keeper.exit_code() == 0
    assert (tmp_path / "servers.conf").read_text() == "server 10.0.0.1;\n"


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
