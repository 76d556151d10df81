import pytest

from forkproxy.config.directives.health import Ejection
from forkproxy.keeper.findings import Findings
from forkproxy.keeper.outlier import Outliers
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Finding, Row, StandingCell
from tests.support.eventually import eventually
from tests.support.peers import upstream


class Watched:
    """An upstream of so many peers, whose outliers are ejected."""

    def __init__(self, count, **given):
        self.board = cells.make(2)
        self.upstream = upstream(*(f"10.0.0.{n + 1}" for n in range(count)))
        self.board.directory.allot(f"u/10.0.0.{n + 1}:80" for n in range(count))
        self.upstream.ejection = Ejection(**given)
        keeper = self.board.of(Row.KEEPER)
        self.upstream.attach(keeper)
        self.findings = Findings(keeper)
        self.outliers = Outliers(self.findings, [self.upstream])

    def first(self, index):
        return self.findings.first(self.upstream, self.upstream.peers[index])

    def fail(self, index, count=1):
        bad = StandingCell.STANDING_BAD_IN_A_ROW
        self.board.board.standing_add(self.first(index), bad, count)

    def ejected(self):
        self.outliers.look()
        return [
            index
            for index, _ in enumerate(self.upstream.peers)
            if self.findings.finding(self.first(index)) is Finding.FINDING_EJECTED
        ]


def test_who_fails_often_enough_in_a_row_is_ejected():
    watched = Watched(3, consecutive=3)
    watched.fail(1, 2)
    assert watched.ejected() == []
    watched.fail(1)
    assert watched.ejected() == [1]


@pytest.mark.parametrize(
    ("count", "most", "out"), [(10, 30, 3), (10, 5, 1), (2, 100, 1), (1, 100, 0)]
)
def test_so_many_are_out_at_once_and_never_all(count, most, out):
    watched = Watched(count, most=most)
    for index in range(count):
        watched.fail(index, 9)
    assert len(watched.ejected()) == out


def test_who_is_ejected_comes_back_with_a_clean_record():
    watched = Watched(3, time=0.01)
    watched.fail(0, 5)
    assert watched.ejected() == [0]
    eventually(lambda: watched.ejected() == [])
    assert watched.findings.standing(watched.first(0), StandingCell.STANDING_BAD_IN_A_ROW) == 0


def test_who_is_unhealthy_is_left_to_the_checks():
    watched = Watched(3)
    watched.findings.find(watched.first(0), Finding.FINDING_UNHEALTHY)
    watched.fail(0, 9)
    assert watched.ejected() == []
    assert watched.findings.finding(watched.first(0)) is Finding.FINDING_UNHEALTHY


def test_an_ejection_of_a_keeper_before_us_ends_too():
    watched = Watched(3, time=0.01)
    watched.findings.find(watched.first(2), Finding.FINDING_EJECTED)
    assert watched.ejected() == [2]
    eventually(lambda: watched.ejected() == [])
