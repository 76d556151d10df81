"""wrk as the load, and what its numbers mean.

As its source has it (wrk 4.1, src/wrk.c):

- a request counts when its answer is complete, whatever the status; above 399 it also counts
  under "status", so a redirect is no error to it;
- a connection that ends while an answer is outstanding (wrk always has one outstanding) counts
  under "read", or "write" when it could not even send, and is opened again; the request is not
  sent again and not counted. So under a reload each keep-alive connection closed without
  `Connection: close` shows as one read error. One that was announced by that field shows nowhere;
- a refused connect shows as a write error, since wrk does not look at the result of its connect;
- "timeout" are answers that came, but late (2 s). One that never comes counts nowhere: that is
  what `strict` is for;
- latencies are corrected for coordinated omission: a stall counts also for the requests that
  would have been sent meanwhile.
"""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtest.child import Child

ERRORS = ("connect", "read", "write", "status", "timeout")
_SCRIPT = Path(__file__).with_name("wrk.lua")
_LATE = 15.0  # seconds wrk may take to end, beyond its duration


@dataclass(frozen=True, slots=True)
class Report:
    """What wrk counted in one run."""

    requests: int
    seconds: float
    octets: int
    p50: float  # seconds
    p99: float  # seconds
    errors: dict[str, int]  # by kind, those that happened


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk is to do.

    Attributes:
        connections: at once, each with one request outstanding.
        fields: header fields to add, as "Name: value".
        body: octets to post, or 0 to get.
        among: how many paths there are, /0 and so on below the URL, each as likely; 0: the URL is
            all. -1: each request has a query that none had before.
    """

    url: str
    connections: int
    fields: Sequence[str] = ()
    body: int = 0
    among: int = 0

    def command(self, seconds: float) -> list[str]:
        """Return the words that run it for whole seconds, one at the least."""
        duration = f"{max(1, round(seconds))}s"
        words = ["wrk", "-t", "1", "-c", str(self.connections), "-d", duration]
        for field in self.fields:
            words += ["-H", field]
        words += ["-s", str(_SCRIPT), "--", self.url]  # -1 is no option
        if self.among:
            return [*words, "among", str(self.among)]
        return [*words, "post", str(self.body)] if self.body else words


def installed() -> bool:
    return shutil.which("wrk") is not None


def drive(
    load: Load,
    seconds: float,
    core: int,
    output: Path,
    *,
    midway: Callable[[], None] = lambda: None,
) -> Report:
    """Run wrk to its end, and call `midway` once while it runs or after it."""
    with Child(load.command(seconds), core, output) as child:
        return parse(child.through(seconds, _LATE, midway))


def parse(text: str) -> Report:
    """Parse what wrk with our script printed. Raises ValueError where that is no report."""
    lines = text.splitlines()
    try:
        counts = json.loads(lines[-1])
        return Report(
            requests=counts["requests"],
            seconds=counts["microseconds"] / 1e6,
            octets=counts["octets"],
            p50=counts["p50"] / 1e6,
            p99=counts["p99"] / 1e6,
            errors={kind: counts[kind] for kind in ERRORS if counts[kind]},
        )
    except (IndexError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"wrk failed: {text.strip() or 'it printed nothing'}") from error
