"""The two clocks are the machine's, in seconds."""

import time

from forkproxy import clock


def test_the_wall_clock_is_the_machines():
    before = time.time()
    assert before - 0.001 <= clock.wall() <= time.time() + 0.001


def test_the_monotonic_clock_is_the_machines():
    before = time.monotonic()
    assert before <= clock.monotonic() <= time.monotonic()
