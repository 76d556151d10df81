import pytest

from forkproxy.master.commands import Level
from forkproxy.master.events import Command
from forkproxy.shared.scoreboard import LimitConnCell, LimitReqCell
from tests.support.administration import Master, tell


@pytest.fixture
def master():
    return Master([("limit_req", "requests"), ("limit_conn", "addresses")])


def test_workers_are_shown(master):
    assert tell(master, "show workers") == "slot=0 pid=3"


def test_there_are_as_many_workers_as_are_asked_for(master):
    assert tell(master, "set workers 1") == "1 workers"
    assert tell(master, "set workers 3") is None
    assert master.asked == [(Command.MORE, 0), (Command.MORE, 7)]
    for word in ("", "0", "x", "-1", "1000"):
        assert tell(master, f"set workers {word}").startswith("'set workers' expects a number")
    assert tell(master, "set workers 2", Level.OPERATOR) == "Permission denied"


def test_limits_are_listed_with_what_they_let_through(master):
    first = master.cells.tally("limit_req", "requests")
    master.worker.add(first + LimitReqCell.LIMIT_REQ_PASSED, 5)
    master.worker.add(first + LimitReqCell.LIMIT_REQ_REJECTED, 2)
    first = master.cells.tally("limit_conn", "addresses")
    master.worker.add(first + LimitConnCell.LIMIT_CONN_REJECTED, 3)
    assert tell(master, "show limits").splitlines() == [
        "# zone kind passed delayed rejected",
        "requests req 5 0 2",
        "addresses conn 0 0 3",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("show cache", ["stat", "-"]),
        ("show cache one", ["stat", "one"]),
        ("purge tag a one", ["purge", "one", "tag", "a", "hard"]),
        ("purge key /x", ["purge", "-", "key", "/x", "hard"]),
        ("purge host h", ["purge", "-", "host", "h", "hard"]),
        ("purge all", ["purge", "-", "all", "", "hard"]),
        ("purge all one", ["purge", "one", "all", "", "hard"]),
    ],
)
def test_caches_are_asked_of_the_keeper(master, line, words):
    assert tell(master, line) is None
    assert master.asked == [("cache", words, 7)]


@pytest.mark.parametrize("line", ["purge", "purge tag", "purge color red one"])
def test_a_purge_of_nothing_is_refused(master, line):
    assert tell(master, line).startswith("'purge' expects 'tag', 'prefix', 'key' or 'host'")
    assert master.asked == []
