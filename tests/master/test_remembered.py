from contextlib import closing

from forkproxy.keeper import kept
from forkproxy.shared.scoreboard import Finding, StandingCell
from forkproxy.shared.store import open_state
from tests.support.holdings import House

PEER = "api/127.0.0.1:8001"


def test_what_was_kept_is_given_to_the_first_generation(tmp_path):
    with House(tmp_path, peers=[PEER]) as house:
        house.serve()
        remembered = house.holdings.remembered
        member = remembered.roster.member("api", 0)
        remembered.roster.weigh("api", member, 7)
        texts = remembered.kept()
    with closing(open_state(tmp_path / "state")) as state:
        kept.save(state, texts, [])
    with House(tmp_path, peers=[PEER]) as house:
        house.serve()
        member = house.holdings.remembered.roster.member("api", 0)
        assert house.holdings.remembered.roster.ordered("api", member)[1] == 7


def test_what_the_keeper_had_found_holds_before_a_keeper_runs(tmp_path):
    with closing(open_state(tmp_path / "state")) as state:
        state.change({b"finding/" + PEER.encode(): b"%d" % Finding.FINDING_UNHEALTHY}, [])
    with House(tmp_path, peers=[PEER]) as house:
        house.serve()
        cells = house.holdings.cells
        standing = cells.board.standing_value(cells.peer(PEER), StandingCell.STANDING_FINDING)
        assert standing == Finding.FINDING_UNHEALTHY


def test_each_change_is_given_to_the_keeper(tmp_path):
    with House(tmp_path, peers=[PEER]) as house:
        house.serve()
        house.keeper(60)
        roster = house.holdings.remembered.roster
        roster.weigh("api", roster.member("api", 0), 3)
        (message,) = house.told(60)
        assert message["order"] == "keep"
        assert len(message["put"]) == 1


def test_what_an_old_master_has_said_is_not_read_again(tmp_path):
    with closing(open_state(tmp_path / "state")) as state:
        kept.save(state, {"peer/x": "what the keeper wrote"}, [])
    with House(tmp_path, peers=[PEER]) as house:
        house.holdings.remembered.restore({})
        house.serve()
        assert house.holdings.remembered.kept() == {}


def test_without_a_folder_nothing_is_recalled(tmp_path):
    with House(tmp_path, peers=[PEER], state_path="") as house:
        house.serve()
        assert house.holdings.remembered.kept() == {}
