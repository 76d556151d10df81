"""What caches have counted is on the scoreboard, once."""

import pytest

from forkproxy.keeper.cache_counts import CacheCounts
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import CacheCell
from tests.support.caching import answers, caching, fresh


@pytest.fixture
def board():
    made = cells.make(1)
    made.directory.allot([], [("cache", "one")])
    return made.of(1)


def shown(board, cell):
    return board.board.total(board.tally("cache", "one") + cell)


def test_answers_and_octets_are_shown_by_what_the_cache_said(board):
    with caching(answers(fresh(b"12345")), options="max_size=1m") as server:
        counts = CacheCounts(server.zone, board)
        server.statuses(b"/", b"/", b"/")
        server.settle()
        counts.show()
        assert shown(board, CacheCell.CACHE_HIT) == 2
        assert shown(board, CacheCell.CACHE_HIT_BYTES) == 10
        assert shown(board, CacheCell.CACHE_MISS) == 1
        assert shown(board, CacheCell.CACHE_MISS_WRITTEN) == 1
        assert shown(board, CacheCell.CACHE_MISS_BYTES_WRITTEN) == 5
        assert shown(board, CacheCell.CACHE_SIZE) > 5
        assert shown(board, CacheCell.CACHE_MAX_SIZE) == 1024 * 1024


def test_another_keeper_goes_on_and_counts_nothing_twice(board):
    with caching(answers(fresh())) as server:
        counts = CacheCounts(server.zone, board)
        server.statuses(b"/", b"/")
        counts.show()
        server.ask()
        for _ in range(2):
            CacheCounts(server.zone, board).show()
        assert shown(board, CacheCell.CACHE_HIT) == 2
