"""How much of their time processes have nothing to do."""

import os
import time

from forkproxy.master.idleness import Idleness


def test_who_works_all_the_time_is_not_idle():
    idleness = Idleness()
    idleness.look([os.getpid()], 0.0)
    began_at = time.process_time()
    while time.process_time() < began_at + 0.1:
        pass
    idleness.look([os.getpid()], 0.1)
    assert idleness.percent <= 20  # the kernel counts in hundredths of a second


def test_before_the_second_look_and_for_nobody_all_is_idle():
    idleness = Idleness()
    idleness.look([1 << 30], 1.0)
    idleness.look([1 << 30], 2.0)
    assert idleness.percent == 100
