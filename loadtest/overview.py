"""The table of the README, in one go: `python -m loadtest.overview`.

Each line is a scenario of its own, measured as `loadtest.run` measures it, all on one day of one
machine. What a proxy does not do has a dash.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loadtest import drive, run
from loadtest.options import positive
from loadtest.proxies import KINDS, StartError
from loadtest.result import Result

_NAMES = {"forkproxy": "forkproxy", "nginx": "nginx", "haproxy": "HAProxy", "caddy": "Caddy"}
_NOTHING = "-"

Figure = Callable[[Result, str], str]


def _middle(key: str, show: Callable[[float], str]) -> Figure:
    """Return what shows the median of a column."""

    def figure(result: Result, name: str) -> str:
        value = result.middle(name, key)
        return _NOTHING if value is None else show(value)

    return figure


def _failures(result: Result, name: str) -> str:
    return f"{sum(result.failures(name).values()):,}"


def _compressed(result: Result, name: str) -> str:
    cost, ratio = result.middle(name, "cpu_us"), result.middle(name, "ratio")
    return _NOTHING if cost is None or ratio is None else f"{cost:,.0f} µs, ÷{ratio:.1f}"


_COST = _middle("cpu_us", lambda value: f"{value:,.0f} µs")
_EACH = _middle("each", lambda value: f"{value / 1024:,.1f} KiB")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    scenario: str
    title: str
    figure: Figure


LINES = (
    Line("small", "GET of 1 KiB, keep-alive", _COST),
    Line("medium_body", "GET of 64 KiB, keep-alive", _COST),
    Line("cache_hit", "1 KiB out of the cache", _COST),
    Line("static_small", "a file of 1 KiB", _COST),
    Line("static_medium", "a file of 64 KiB", _COST),
    Line("gzip", "100 KiB of HTML in gzip, and how many times smaller", _compressed),
    Line("brotli", "the same in brotli", _compressed),
    Line("zstd", "the same in zstd", _compressed),
    Line("idle_connections", "an idle connection", _EACH),
    Line("reload_under_load", "50 reloads under load: failed requests", _failures),
)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print the table as Markdown, and return the exit status."""
    options = _parser().parse_args(words)
    if not drive.installed():
        print("wrk is not installed (Debian: apt-get install wrk)", file=sys.stderr)
        return 2
    names = [name for name in _NAMES if name == "forkproxy" or name in options.against.split(",")]
    names = [name for name in names if KINDS[name].installed()]
    print(heading(names), flush=True)
    failed = False
    for line in LINES:
        if options.only and line.scenario not in options.only.split(","):
            continue
        print(line.title, file=sys.stderr)
        try:
            result = _measured(line, options, names)
        except (StartError, OSError) as error:
            print(error, file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            return 130
        print(row(line, result, names), flush=True)
        failed = failed or bool(result.failures("forkproxy"))
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.overview", description="Print the table of the README."
    )
    add = parser.add_argument
    add("--against", default="nginx,haproxy,caddy", metavar="NAMES", help="those to compare with")
    add("--rounds", type=positive, help="how often each is measured; the median counts")
    add("--seconds", type=positive, help="that one measurement lasts, but for the reloads")
    add("--only", metavar="NAMES", help="some of: " + ", ".join(line.scenario for line in LINES))
    return parser


def _measured(line: Line, options: argparse.Namespace, names: Sequence[str]) -> Result:
    words = [line.scenario, "--against", ",".join(names[1:])]
    if line.scenario != "reload_under_load":
        words += [] if options.rounds is None else ["--rounds", str(options.rounds)]
        words += [] if options.seconds is None else ["--seconds", str(options.seconds)]
    asked = run.parser().parse_args(words)
    return run.measured(asked, run.chosen(asked))


def heading(names: Sequence[str]) -> str:
    titles = " | ".join(_NAMES[name] for name in names)
    return f"| | {titles} |\n|---|" + "---|" * len(names)


def row(line: Line, result: Result, names: Sequence[str]) -> str:
    """Return one line of the table, as Markdown."""
    cells = [line.figure(result, name) if name in result.samples else _NOTHING for name in names]
    return f"| {line.title} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
