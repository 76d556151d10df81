"""Faster, slower or the same: `python -m loadtest.compare BEFORE.json AFTER.json`.

Two results of `loadtest.run`, of one scenario. The machine may have been busier for one of them,
so each value is divided by that of a reference (nginx) of the same round, measured seconds apart;
what is compared are these ratios. A difference counts when chance alone would seldom make one as
large (a permutation test over the rounds), and when it is large enough to care about.
The exit status is 1 when something became slower.
"""

import argparse
import itertools
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from loadtest.result import Result
from loadtest.table import aligned

_CHANCE = 0.05  # how often chance alone may make what we call a difference
_CARE = 0.02  # a change of 2 % or less is the same
_MOST = 20000  # permutations tried; beyond, as many drawn at random
# The keys worth comparing, and whether more of it is better.
_MORE_IS_BETTER = {"cpu_us": False, "rate": True, "p99": False, "each": False}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one value.

    Attributes:
        change: 0.1 is a tenth more than before.
        chance: the probability of so large a difference where there is none.
        word: faster, slower, same, or "too few rounds" to ever tell.
    """

    change: float
    chance: float
    word: str


def judge(before: Sequence[float], after: Sequence[float], *, more_is_better: bool) -> Verdict:
    """Compare the rounds of two results. All values must be positive."""
    logs = [math.log(value) for value in (*before, *after)]
    shift = fmean(logs[len(before) :]) - fmean(logs[: len(before)])
    change = math.exp(shift) - 1
    chance = _chance(logs, len(before), abs(shift))
    # The two most extreme of all ways to deal the rounds are one of each sign.
    if 2 / math.comb(len(logs), len(before)) > _CHANCE:
        return Verdict(change, chance, "too few rounds")
    if chance > _CHANCE or abs(change) <= _CARE:
        return Verdict(change, chance, "same")
    return Verdict(change, chance, "faster" if (change > 0) == more_is_better else "slower")


def _chance(logs: Sequence[float], first: int, shift: float) -> float:
    """Return the part of all ways to deal the rounds to two results that differ so much."""
    total = sum(logs)
    rest = len(logs) - first
    tried = extreme = 0
    for chosen in _deals(logs, first):
        part = sum(chosen)
        tried += 1
        extreme += abs((total - part) / rest - part / first) >= shift - 1e-12
    return extreme / tried


def _deals(logs: Sequence[float], first: int) -> Iterator[Sequence[float]]:
    if math.comb(len(logs), first) <= _MOST:
        return itertools.combinations(logs, first)
    draw = random.Random(0)  # the same answer for the same results
    return (draw.sample(logs, first) for _ in range(_MOST))


def relative(result: Result, name: str, key: str, reference: str | None) -> list[float]:
    """Return a value round by round, divided by the reference's of that round."""
    values = []
    divisors = result.samples[reference] if reference else [None] * len(result.samples[name])
    for sample, other in zip(result.samples[name], divisors, strict=True):
        value = sample.values.get(key)
        divisor = other.values.get(key) if other else 1.0
        if value and divisor:
            values.append(value / divisor)
    return values


def compare(before: Result, after: Result, reference: str | None) -> dict[tuple[str, str], Verdict]:
    """Return the verdict on each proxy and key that both results have."""
    names = [name for name in before.samples if name in after.samples and name != reference]
    verdicts = {}
    for name, (key, more) in itertools.product(names, _MORE_IS_BETTER.items()):
        old = relative(before, name, key, reference)
        new = relative(after, name, key, reference)
        if old and new:
            verdicts[name, key] = judge(old, new, more_is_better=more)
    return verdicts


def main(words: Sequence[str] | None = None) -> int:
    """Compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m loadtest.compare", description="Faster, slower or the same."
    )
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--reference", default="nginx", help="what both are divided by (nginx)")
    options = parser.parse_args(words)
    try:
        before, after = Result.read(options.before), Result.read(options.after)
        if before.scenario != after.scenario:
            raise ValueError(f"{before.scenario} and {after.scenario} cannot be compared")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    reference = options.reference
    if reference not in before.samples or reference not in after.samples:
        print(f"{reference} is not in both: values are compared as they are", file=sys.stderr)
        reference = None
    verdicts = compare(before, after, reference)
    if not verdicts:
        print("the results have nothing in common", file=sys.stderr)
        return 2
    print(_shown(verdicts))
    return 1 if any(verdict.word == "slower" for verdict in verdicts.values()) else 0


def _shown(verdicts: dict[tuple[str, str], Verdict]) -> str:
    rows = [["", "value", "change", "chance", "verdict"]]
    for (name, key), verdict in verdicts.items():
        rows.append([name, key, f"{verdict.change:+.1%}", f"{verdict.chance:.3f}", verdict.word])
    return aligned(rows)


if __name__ == "__main__":
    sys.exit(main())
