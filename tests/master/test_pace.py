from forkproxy.master.pace import Pace


def test_what_happened_in_a_second_and_the_most_there_was():
    pace = Pace()
    seen = []
    for now, count in ((10.0, 100), (11.0, 107), (13.0, 109), (14.0, 109)):
        pace.look(count, now)
        seen.append((pace.now, pace.most))
    assert seen == [(0, 0), (7, 7), (1, 7), (0, 7)]


def test_a_count_that_begins_anew_is_no_pace():
    pace = Pace()
    pace.look(100, 1.0)
    pace.look(3, 2.0)
    assert pace.now == 0
    pace.look(5, 3.0)
    assert pace.now == 2
