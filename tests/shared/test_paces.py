"""How fast counts grow, and how long things take of late."""

import pytest

from forkproxy.shared import cells
from forkproxy.shared.paces import Paces
from forkproxy.shared.scoreboard import Cell, PeerCell, Row, StandingCell, UpstreamCell

WALL = 1_700_000_000_000


class Board:
    """A worker that counts, and the keeper's looks at one peer and its upstream."""

    def __init__(self):
        self.cells = cells.make(1)
        self.cells.directory.allot(["app/a"], [("upstream", "app")])
        self.cells.board.claim(Row.FIRST_WORKER)
        self.worker = self.cells.of(Row.FIRST_WORKER)
        self.first = self.cells.peer("app/a")
        self.tally = self.cells.tally("upstream", "app")
        self.now = 100.0
        self.paces = Paces(self.cells.board, Row.KEEPER)
        self.look(0.0)

    def work(self, requests, header=0):
        self.worker.add(self.first + PeerCell.PEER_REQUESTS, requests)
        self.worker.add(self.first + PeerCell.PEER_BUCKETS + 3, requests)
        self.worker.add(self.first + PeerCell.PEER_HEADER_SUM, header * requests)
        self.cells.board.standing_store(self.first, StandingCell.STANDING_SELECTED_AT, WALL)

    def look(self, seconds=1.0, wall=WALL):
        self.now += seconds
        self.paces.begin(self.now)
        self.paces.upstream([self.first], self.tally, wall)

    def peer(self, cell):
        return self.cells.board.value(Row.KEEPER, self.first + cell)

    def upstream(self, cell):
        return self.cells.board.value(Row.KEEPER, self.tally + cell)


def test_a_rate_is_what_came_in_a_second_and_the_most_of_it_stays():
    board = Board()
    board.work(1)
    board.look()  # from now on it is known
    board.work(30)
    board.look(2.0)
    assert board.peer(PeerCell.PEER_RATE) == 15
    board.look()
    assert (board.peer(PeerCell.PEER_RATE), board.peer(PeerCell.PEER_RATE_MOST)) == (0, 15)
    assert board.upstream(UpstreamCell.UPSTREAM_RATE_MOST) == 15


def test_a_look_that_does_not_know_since_when_shows_no_rate():
    board = Board()
    board.work(50)
    other = Paces(board.cells.board, Row.KEEPER)
    other.begin(200.0)
    other.upstream([board.first], board.tally, WALL)
    assert board.peer(PeerCell.PEER_RATE) == 0


def test_an_average_forgets_slowly():
    board = Board()
    board.work(1)
    board.look()
    board.work(10, header=100)
    board.look()
    assert board.peer(PeerCell.PEER_HEADER_TIME) == 100_000
    board.work(1024, header=0)
    board.look()
    assert 30_000 < board.peer(PeerCell.PEER_HEADER_TIME) < 40_000  # 1/e of it is left
    assert board.upstream(UpstreamCell.UPSTREAM_HEADER_TIME) == pytest.approx(
        board.peer(PeerCell.PEER_HEADER_TIME), abs=1
    )


def test_columns_that_are_another_peers_now_begin_anew():
    board = Board()
    board.work(100)
    board.look()
    board.cells.board.wipe(board.first)
    board.work(3)
    board.look()
    assert board.peer(PeerCell.PEER_RATE) == 0


def test_a_peer_that_nobody_asks_is_passed_over():
    board = Board()
    board.work(5)
    board.look()
    board.work(5)
    board.look(wall=WALL + 60_000)
    assert board.peer(PeerCell.PEER_RATE) == 0


def test_the_most_in_flight_and_in_the_queue_are_those_of_a_look():
    board = Board()
    board.cells.board.standing_add(board.first, StandingCell.STANDING_IN_FLIGHT, 7)
    board.worker.add(board.tally + UpstreamCell.UPSTREAM_QUEUED, 2)
    board.look()
    board.cells.board.standing_add(board.first, StandingCell.STANDING_IN_FLIGHT, -7)
    board.look()
    assert board.upstream(UpstreamCell.UPSTREAM_MOST) == 7
    assert board.upstream(UpstreamCell.UPSTREAM_QUEUED_MOST) == 2


def test_other_columns_have_rates_and_maxima_too():
    board = Board()
    board.paces.rate(Cell.REQUESTS, Cell.REQUEST_RATE)
    board.worker.add(Cell.REQUESTS, 8)
    board.worker.add(Cell.ACTIVE, 3)
    board.paces.begin(board.now + 1.0)
    board.paces.rate(Cell.REQUESTS, Cell.REQUEST_RATE)
    board.paces.most(Cell.ACTIVE, Cell.ACTIVE_MOST)
    value = board.cells.board.value
    assert value(Row.KEEPER, Cell.REQUEST_RATE) == 8
    assert value(Row.KEEPER, Cell.REQUEST_RATE_MOST) == 8
    assert value(Row.KEEPER, Cell.ACTIVE_MOST) == 3
