"""Measure one scenario: `python -m loadtest.run SCENARIO [--against nginx,haproxy,caddy]`.

The rounds are interleaved: A B C, A B C, so that a slow minute of the machine is everybody's.
The exit status is 1 when the measured proxy failed a request, 2 when nothing could be measured.
"""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from loadtest import drive, scenarios, table
from loadtest.options import positive
from loadtest.proxies import KINDS, Kind, Running, StartError
from loadtest.result import Result
from loadtest.scenario import Scenario, Terms
from loadtest.stage import Stage, stage

_WARM = 1.0  # seconds of load on each proxy before anything counts


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, and return the exit status."""
    options = parser().parse_args(words)
    if not drive.installed():
        print("wrk is not installed (Debian: apt-get install wrk)", file=sys.stderr)
        return 2
    try:
        kinds = chosen(options)
        result = measured(options, kinds)
    except (StartError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    _show(options, result)
    return 1 if result.failures(options.subject) else 0


def parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:18}{scenarios.find(name).summary}" for name in scenarios.names())
    made = argparse.ArgumentParser(
        prog="python -m loadtest.run",
        description="Measure a proxy beside others.",
        epilog=f"scenarios:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("scenario", choices=scenarios.names(), metavar="SCENARIO")
    add("--against", default="nginx,haproxy,caddy", metavar="NAMES", help="those to compare with")
    add("--subject", default="forkproxy", choices=KINDS, help="the one to measure (forkproxy)")
    add("--rounds", type=positive, help="how often each is measured; the median counts")
    add("--seconds", type=positive, help="that one measurement lasts")
    add("--connections", type=positive, help="that the load has open")
    add("--log", choices=("on", "off"), default="off", help="access logs, of all of them (off)")
    add("--json", nargs="?", const="-", metavar="FILE", help="write every sample, to FILE or here")
    add("--keep", action="store_true", help="leave configurations and logs, and say where")
    return made


def chosen(options: argparse.Namespace) -> list[Kind]:
    """Return the subject and those to compare it with, as far as they are there and know how."""
    kinds = [KINDS[options.subject]]
    task = scenarios.find(options.scenario).task
    for name in filter(None, options.against.split(",")):
        kind = KINDS.get(name)
        if kind is None:
            raise ValueError(f"no proxy is called {name}: there are {', '.join(KINDS)}")
        if not kind.installed():
            print(f"{name} is not installed: left out", file=sys.stderr)
        elif unknown := kind.cannot & task.words():
            print(f"{name} has no {', '.join(unknown)}: left out", file=sys.stderr)
        elif kind not in kinds:
            kinds.append(kind)
    return kinds


def measured(options: argparse.Namespace, kinds: Sequence[Kind]) -> Result:
    """Run the scenario of a command line with each of these, in turns."""
    scenario = scenarios.find(options.scenario)
    rounds = options.rounds or scenario.rounds
    with stage(log=options.log == "on", keep=options.keep) as place:
        terms = Terms(
            options.seconds or scenario.seconds,
            options.connections or scenario.connections,
            place.cores,
            place.folder,
        )
        result = Result(
            scenario=options.scenario,
            seconds=terms.seconds,
            connections=terms.connections,
            log=place.log,
            versions={kind.name: kind.described() for kind in kinds},
        )
        if scenario.fresh:
            _each_fresh(place, scenario, terms, kinds, rounds, result)
        else:
            _all_at_once(place, scenario, terms, kinds, rounds, result)
    return result


def _each_fresh(
    place: Stage,
    scenario: Scenario,
    terms: Terms,
    kinds: Sequence[Kind],
    rounds: int,
    result: Result,
) -> None:
    for number in range(rounds):
        for kind in kinds:
            with place.running(kind, task=scenario.task) as proxy:
                _measure(scenario, terms, proxy, number, result)


def _all_at_once(
    place: Stage,
    scenario: Scenario,
    terms: Terms,
    kinds: Sequence[Kind],
    rounds: int,
    result: Result,
) -> None:
    with contextlib.ExitStack() as running:
        proxies = [running.enter_context(place.running(kind, task=scenario.task)) for kind in kinds]
        for proxy in proxies:
            scenario.measure(proxy, replace(terms, seconds=_WARM))
        for number in range(rounds):
            for proxy in proxies:
                _measure(scenario, terms, proxy, number, result)


def _measure(scenario: Scenario, terms: Terms, proxy: Running, number: int, result: Result) -> None:
    print(f"round {number + 1}: {proxy.name}", file=sys.stderr)
    result.add(proxy.name, scenario.measure(proxy, terms))


def _show(options: argparse.Namespace, result: Result) -> None:
    scenario = scenarios.find(options.scenario)
    failed = table.failed(result)
    if options.json == "-":
        print(result.text())
    else:
        print(_heading(scenario, result))
        print(table.table(result, scenario))
        if options.json:
            Path(options.json).write_text(result.text())
    if failed:
        print(failed, file=sys.stderr if options.json == "-" else sys.stdout)


def _heading(scenario: Scenario, result: Result) -> str:
    rounds = max(map(len, result.samples.values()))
    versions = ", ".join(f"{name} ({version})" for name, version in result.versions.items())
    timed = f" of {result.seconds:g} s, {result.connections} connections" if result.seconds else ""
    log = "on" if result.log else "off"
    return f"{result.scenario}: {scenario.summary}; rounds: {rounds}{timed}, log {log}\n{versions}"


if __name__ == "__main__":
    sys.exit(main())
