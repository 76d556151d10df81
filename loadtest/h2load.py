"""h2load as the load of HTTP/2, and what its numbers mean (nghttp2 1.52).

It opens its connections once: one that the proxy closes makes all requests it still had "errored",
so this is no load for reloads. "failed" are those that are not done; "status" here are answers
other than 2xx, which h2load counts as failed too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from loadtest.child import Child

_LATE = 60.0  # seconds it may take to end, beyond its duration
_FINISHED = re.compile(r"^finished in ([\d.]+)(us|ms|s|m|h)?,", re.MULTILINE)
_REQUESTS = re.compile(
    r"^requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored,"
    r" (\d+) timeout",
    re.MULTILINE,
)
_TRAFFIC = re.compile(r"\((\d+)\) data$", re.MULTILINE)
_REQUEST_TIME = re.compile(r"^time for request: +\S+ +\S+ +([\d.]+)(us|ms|s)", re.MULTILINE)
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


@dataclass(frozen=True, slots=True)
class Report:
    """What h2load counted in one run."""

    requests: int  # answered with 2xx
    seconds: float
    octets: int  # of content
    mean: float  # seconds from request to the end of its answer
    errors: dict[str, int]  # by kind, those that happened


@dataclass(frozen=True, slots=True)
class Load:
    """What h2load is to do.

    Attributes:
        connections: at once, each with so many `streams` under way.
        requests: to send in all; 0: as many as there is time for.
    """

    url: str
    connections: int
    streams: int
    requests: int = 0

    def command(self, seconds: float) -> list[str]:
        """Return the words that run it for whole seconds, one at the least."""
        words = ["h2load", "-t", "1", "-c", str(self.connections), "-m", str(self.streams)]
        much = ["-n", str(self.requests)] if self.requests else ["-D", str(max(1, round(seconds)))]
        return [*words, *much, "--npn-list=h2", self.url]


def drive(
    load: Load,
    seconds: float,
    core: int,
    output: Path,
    *,
    midway: Callable[[], None] = lambda: None,
) -> Report:
    """Run h2load to its end, and call `midway` once while it runs or after it."""
    with Child(load.command(seconds), core, output) as child:
        return parse(child.through(seconds, _LATE, midway))


def parse(text: str) -> Report:
    """Parse what h2load printed. Raises ValueError where that is no report."""
    finished, counts = _FINISHED.search(text), _REQUESTS.search(text)
    traffic, times = _TRAFFIC.search(text), _REQUEST_TIME.search(text)
    if not (finished and counts and traffic and times):
        raise ValueError(f"h2load failed: {text.strip() or 'it printed nothing'}")
    _, succeeded, failed, errored, timeout = map(int, counts.groups())
    # What is errored is among the failed.
    errors = {"errored": errored, "status": failed - errored, "timeout": timeout}
    return Report(
        requests=succeeded,
        seconds=float(finished[1]) * _UNITS[finished[2]],
        octets=int(traffic[1]),
        mean=float(times[1]) * _UNITS[times[2]],
        errors={kind: count for kind, count in errors.items() if count},
    )
