"""Waiting for a condition: the one place in the tests that sleeps."""

import time

PATIENCE = 30.0  # seconds: more than anything takes on a busy machine; who passes waits less
INTERVAL = 0.01  # seconds between two looks


def eventually(condition, within=PATIENCE, what=""):
    """Return the first truthy value of condition(); fail when `within` seconds have passed.

    An AssertionError or OSError raised by the condition means "not yet", and is shown
    as the reason when time is up.
    """
    deadline = time.monotonic() + within
    reason = None
    while True:
        try:
            value = condition()
            if value:
                return value
            reason = None
        except (AssertionError, OSError) as error:
            reason = error
        if time.monotonic() >= deadline:
            text = what or getattr(condition, "__name__", "the condition")
            raise AssertionError(f"{text}: not within {within} s") from reason
        time.sleep(INTERVAL)
