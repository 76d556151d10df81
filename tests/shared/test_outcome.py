import pytest

from forkproxy.errors import PeerError
from forkproxy.shared.outcome import TEXTS, Outcome, outcome_of


@pytest.mark.parametrize(
    ("sent", "status", "outcome"),
    [
        (False, 502, Outcome.L4CON),
        (False, 504, Outcome.L4TOUT),
        (True, 502, Outcome.L7RSP),
        (True, 504, Outcome.L7TOUT),
    ],
)
def test_a_failure_is_told_by_how_far_it_came(sent, status, outcome):
    assert outcome_of(PeerError("x", sent=sent, status=status)) is outcome
    assert not outcome.passed


def test_each_outcome_has_its_words():
    assert set(TEXTS) == set(Outcome) - {Outcome.NONE}
    assert [one for one in Outcome if one.passed] == [Outcome.L4OK, Outcome.L7OK]
