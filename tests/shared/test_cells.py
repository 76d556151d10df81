import pytest

from forkproxy.errors import ConfigError
from forkproxy.shared import cells
from forkproxy.shared.cells import Directory
from forkproxy.shared.scoreboard import Cell, PeerCell, Row


def test_columns_are_only_ever_appended():
    directory = Directory(512)
    directory.allot(["api/a", "api/b"])
    first = directory.first("api/a")
    directory.allot(["api/b", "api/c", "api/a"])
    assert directory.first("api/a") == first
    assert directory.peers() == ("api/a", "api/b", "api/c")
    assert directory.first("api/c") == first + 2 * PeerCell.PEER_CELLS


def test_a_peer_that_was_gone_finds_its_numbers_again():
    made = cells.make(4)
    made.directory.allot(["api/a"])
    made.add(made.peer("api/a") + PeerCell.PEER_REQUESTS, 3)
    made.directory.allot(["api/b"])
    made.directory.allot(["api/a"])
    assert made.board.value(Row.MASTER, made.peer("api/a") + PeerCell.PEER_REQUESTS) == 3


def test_too_many_peers_are_a_configuration_error_and_change_nothing():
    directory = Directory(Cell.FIXED_CELLS + 2 * PeerCell.PEER_CELLS)
    with pytest.raises(ConfigError, match="3 new peers, but room for 2"):
        directory.allot(["a", "b", "c"])
    directory.allot(["a", "b", "a"])
    assert directory.peers() == ("a", "b")


def test_where_there_is_no_room_those_who_are_gone_make_some():
    directory = Directory(Cell.FIXED_CELLS + 3 * PeerCell.PEER_CELLS)
    directory.allot(["a", "b", "c"])
    first = directory.first("b")
    asked = []

    def reclaim(wanted):
        asked.append(list(wanted))
        return ["b"]

    directory.reclaim = reclaim
    directory.allot(["a", "c"])
    assert asked == []
    directory.allot(["c", "d"])
    assert asked == [["c", "d"]]
    assert directory.first("d") == first
    assert directory.peers() == ("a", "c", "d")
    directory.reclaim = lambda _wanted: ()
    with pytest.raises(ConfigError, match="1 new peers, but room for 0"):
        directory.allot(["e"])


def test_the_same_table_is_seen_from_each_row():
    made = cells.make(4)
    mine = made.of(3)
    mine.add(Cell.REQUESTS, 2)
    mine.store(Cell.ACTIVE, 5)
    assert made.board.value(3, Cell.REQUESTS) == 2
    assert made.board.value(3, Cell.ACTIVE) == 5
    assert made.board.value(Row.MASTER, Cell.REQUESTS) == 0


def test_the_dead_leave_their_counters_and_nothing_in_hand():
    made = cells.make(4)
    made.directory.allot(["api/a"])
    dead = made.of(3)
    for cell in (Cell.ACTIVE, Cell.REQUESTS, Cell.BEAT):
        dead.store(cell, 7)
    dead.store(made.peer("api/a") + PeerCell.PEER_ACTIVE, 7)
    dead.store(made.peer("api/a") + PeerCell.PEER_FAILS, 7)
    made.bury(3)
    values = [
        made.board.value(3, column)
        for column in (
            Cell.ACTIVE,
            Cell.REQUESTS,
            made.peer("api/a") + PeerCell.PEER_ACTIVE,
            made.peer("api/a") + PeerCell.PEER_FAILS,
        )
    ]
    assert values == [0, 7, 0, 7]


def test_an_unknown_peer_has_no_columns():
    with pytest.raises(KeyError):
        cells.make(1).peer("nobody")
