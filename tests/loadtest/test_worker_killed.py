from loadtest.scenarios.worker_killed import judge
from loadtest.strict import Event

DEAD = 10.0


def test_what_was_open_before_the_death_is_lost_and_no_failure():
    lost, failures, _ = judge([Event(10.1, 9.0, "reset"), Event(10.1, 10.0, "refused")], DEAD)
    assert (lost, failures) == (1, {"refused": 1})


def test_it_is_back_with_the_first_answer_on_a_later_connection():
    events = [Event(10.1, 9.9, "ok"), Event(10.4, 10.3, "ok"), Event(10.3, 10.2, "ok")]
    assert judge(events, DEAD)[2] == 10.3


def test_it_is_never_back_where_nothing_was_answered():
    assert judge([Event(10.1, 10.1, "refused")], DEAD)[2] is None
