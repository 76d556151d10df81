"""A clock that stands still until a test moves it."""


class StoppedClock:
    """Has the two functions of forkproxy.clock: monotonic() and wall(), in seconds."""

    def __init__(self, monotonic=1000.0, wall=1_700_000_000.0):
        self._monotonic = monotonic
        self._wall = wall

    def monotonic(self):
        return self._monotonic

    def wall(self):
        return self._wall

    def advance(self, seconds):
        """Let `seconds` pass on both."""
        self._monotonic += seconds
        self._wall += seconds

    def step(self, seconds):
        """Move the wall alone, as an administrator or NTP does."""
        self._wall += seconds
