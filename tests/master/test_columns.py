import pytest

from forkproxy.master.columns import Columns
from forkproxy.master.counted import Counted
from forkproxy.shared.scoreboard import Cell, PeerCell, Row
from tests.support.holdings import House

PEER = "api/127.0.0.1:8001"


@pytest.fixture
def house(tmp_path):
    """A house one of whose peers is in no generation any more."""
    with House(tmp_path, peers=[PEER]) as house:
        house.serve()
        house.write(ports=[house.port])
        house.holdings.generations.prepare(2)
        house.holdings.generations.retire(1)
        yield house


def test_columns_of_peers_that_are_gone_are_wiped(house):
    cells, row = house.holdings.cells, int(Row.FIRST_WORKER)
    column = cells.peer(PEER) + PeerCell.PEER_REQUESTS
    cells.board.claim(row)
    cells.board.add(row, column, 4)
    counted = Counted(cells)
    counted.reset([column])
    assert Columns(house.holdings, counted).reclaim([]) == [PEER]
    assert cells.board.total(column) == 0
    assert counted.total(column) == 0


def test_what_is_wanted_stays(house):
    assert Columns(house.holdings, Counted(house.holdings.cells)).reclaim([PEER]) == []


def test_nothing_is_taken_while_a_worker_does_not_know_the_last_change(house):
    house.worker(50)
    house.holdings.remembered.roster.number = 1
    columns = Columns(house.holdings, Counted(house.holdings.cells))
    assert columns.reclaim([]) == []
    house.holdings.cells.board.store(int(Row.FIRST_WORKER), Cell.PEERS_APPLIED, 1)
    assert columns.reclaim([]) == [PEER]
