"""The last things that happened, of all processes."""

import multiprocessing

from forkproxy.shared.journal import Journal


def test_the_newest_come_first_and_the_oldest_are_written_over():
    journal = Journal(4)
    for number in range(6):
        journal.note(number, float(number), b"%d" % number)
    assert journal.read() == [(number, float(number), b"%d" % number) for number in (5, 4, 3, 2)]


def test_a_long_text_is_cut():
    journal = Journal(4)
    journal.note(1, 0.0, b"x" * 1000)
    assert journal.read() == [(1, 0.0, b"x" * 488)]


def test_another_process_sees_it():
    journal = Journal(4)
    child = multiprocessing.get_context("fork").Process(
        target=journal.note, args=(7, 1.0, b"from there")
    )
    child.start()
    child.join(5.0)
    assert journal.read() == [(7, 1.0, b"from there")]
