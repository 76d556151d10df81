from forkproxy.master.dumps import PATIENCE, Dumps


def test_a_dump_is_finished_when_every_child_has_answered():
    dumps = Dumps()
    dumps.begin(7, [1, 2], now=0.0)
    dumps.add(7, 2, "sleeps")
    assert dumps.finished(0.0) == []
    dumps.add(7, 1, "works")
    assert dumps.finished(0.0) == [(7, "process 2\nsleeps\nprocess 1\nworks")]
    assert dumps.finished(0.0) == []


def test_who_does_not_answer_in_time_is_named():
    dumps = Dumps()
    dumps.begin(7, [1, 2], now=0.0)
    dumps.add(7, 1, "works")
    assert dumps.finished(PATIENCE) == [(7, "process 1\nworks\nprocess 2 does not answer")]


def test_answers_that_nobody_waits_for_are_dropped():
    dumps = Dumps()
    dumps.add(7, 1, "works")
    dumps.begin(8, [1], now=0.0)
    dumps.add(8, 2, "a stranger")
    assert dumps.finished(0.0) == []


def test_words_can_be_put_together_without_saying_whose_they_are():
    dumps = Dumps()
    dumps.begin(7, [1, 2, 3], now=0.0, bare=True)
    for pid, text in ((1, "a"), (2, ""), (3, "b")):
        dumps.add(7, pid, text)
    assert dumps.finished(0.0) == [(7, "a\nb")]
