from forkproxy.master import status
from forkproxy.master.decisions.situation import Situation
from forkproxy.master.decisions.supervisor import Supervisor
from forkproxy.master.events import Forked, Loaded, Ready
from forkproxy.net.turns import Word, place
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Cell, Order, PeerCell, Row, StandingCell


def running():
    """Return a situation with one worker of pid 50, and its cells."""
    board = cells.make(8)
    situation = Situation()
    supervisor = Supervisor(situation, Row.FIRST_WORKER, board.board.rows, Row.KEEPER)
    (spawn,) = supervisor.handle(Loaded(1, 1), now=10.0)
    board.board.claim(spawn.row)
    board.board.store(spawn.row, Cell.REQUESTS, 5)
    supervisor.handle(Forked(50, spawn, requests_before=5), now=10.0)
    supervisor.handle(Ready(50), now=10.0)
    return situation, board, spawn.row


def test_a_worker_has_its_slot_state_age_and_own_requests():
    situation, board, row = running()
    board.board.add(row, Cell.REQUESTS, 3)
    board.board.add(row, Cell.ACTIVE, 2)
    board.board.store(row, Cell.TURNS + place(2500), 1)
    board.board.store(row, Cell.TURNS + Word.LONGEST_TURN, 2500)
    assert status.workers(situation, board, now=14.04) == [
        {
            "slot": 0,
            "pid": 50,
            "state": "ready",
            "generation": 1,
            "age": 4.0,
            "connections": 2,
            "requests": 3,
            "turn_p999_ms": 2.501,
            "turn_longest_ms": 2.5,
        }
    ]


def test_totals_are_of_this_master_and_lifetime_of_all():
    _, board, row = running()
    board.board.add(row, Cell.ACCEPTED, 7)
    board.board.store(Row.KEEPER, Cell.KEPT_ACCEPTED, 100)
    assert status.totals(board)["accepted"] == 7
    assert status.lifetime(board)["accepted"] == 107


def test_a_peer_shows_its_order_and_counts():
    _, board, row = running()
    board.directory.allot(["api/a"])
    cell = StandingCell.STANDING_ORDER
    board.board.standing_store(board.peer("api/a"), cell, Order.ORDER_DRAIN)
    board.board.add(row, board.peer("api/a") + PeerCell.PEER_REQUESTS, 4)
    shown = status.peers(board)["api/a"]
    assert shown == {"order": "drain", "active": 0, "requests": 4, "fails": 0}


def test_a_removed_peer_is_shown_as_long_as_it_has_work_in_hand():
    _, board, row = running()
    board.directory.allot(["api/a", "api/b"])
    board.board.add(row, board.peer("api/a") + PeerCell.PEER_ACTIVE, 1)
    assert list(status.peers(board, {"api/a", "api/b"})) == ["api/a"]
    assert list(status.peers(board)) == ["api/a", "api/b"]


def test_status_counts_the_draining_by_generation():
    situation, board, _ = running()
    situation.generation = 2
    shown = status.status(situation, board, pid=1, uptime=4.04, now=14.0, listens=["a:1", "b:2"])
    assert shown["draining"] == {"1": 1}
    assert shown["listens"] == "a:1 b:2"
    assert shown["uptime"] == 4.0
