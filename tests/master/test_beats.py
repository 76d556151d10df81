from forkproxy.master.beats import MOST_MISSED, Beats


def test_a_child_that_beats_is_never_silent():
    beats = Beats()
    assert all(beats.look({1: look}) == [] for look in range(100))


def test_a_child_is_silent_once_after_fifteen_missed_beats():
    beats = Beats()
    beats.look({1: 5})
    found = [beats.look({1: 5}) for _ in range(40)]
    assert found[: MOST_MISSED - 1] == [[]] * (MOST_MISSED - 1)
    assert found[MOST_MISSED - 1] == [1]
    assert found[MOST_MISSED:] == [[]] * (40 - MOST_MISSED)


def test_one_beat_makes_up_for_all_that_were_missed():
    beats = Beats()
    for _ in range(MOST_MISSED):
        beats.look({1: 5})
    beats.look({1: 6})
    assert all(beats.look({1: 6}) == [] for _ in range(MOST_MISSED - 1))


def test_a_pid_that_comes_again_begins_anew():
    beats = Beats()
    for _ in range(10):
        beats.look({1: 5})
    beats.look({})
    assert all(beats.look({1: 5}) == [] for _ in range(MOST_MISSED))
