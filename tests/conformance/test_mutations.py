"""A small sample of `python -m tests.conformance.mutations`, and what that command is made of."""

import random

import pytest

from tests.conformance.mutations import (
    LINES,
    Verdict,
    cases,
    compare,
    damage,
    excused,
    ours,
    split,
    whole,
)
from tests.support.proxy import Nginx

FOUND = {place: split(text) for place, text in LINES.items()}


def test_the_pools_are_cut_into_directives():
    assert split("a b; c { d; e; }; f 'g'") == ["a b;", "c { d; e; }", "f 'g';"]
    assert all(line.endswith((";", "}")) for lines in FOUND.values() for line in lines)


def test_one_seed_makes_the_same_cases_each_time():
    first, again = (list(cases(random.Random(3), 20, FOUND, "")) for _ in range(2))
    assert first == again
    assert first != list(cases(random.Random(4), 20, FOUND, ""))


def test_damage_changes_something_in_all_its_ways():
    kinds = set()
    for seed in range(200):
        kind, lines = damage(random.Random(seed), ["root /srv;", "index a b;"], ["gzip on;"])
        kinds.add(kind)
        assert kind in ("value", "misspelt") or lines != ["root /srv;", "index a b;"]
    assert len(kinds) == 8


def test_a_difference_counts_unless_there_is_a_reason():
    case = next(cases(random.Random(1), 1, FOUND, ""))
    taken = Verdict(True)
    assert excused(case, taken, Verdict(False, 'unknown directive "max_headers"'))
    assert excused(case, taken, Verdict(False, 'unknown directive "max_haeders"')) == ""
    assert excused(case, Verdict(False, '"x" is not supported by this version'), taken)


def test_ours_is_the_first_error():
    assert ours(whole("http", ["nothing;"])) == Verdict(False, 'unknown directive "nothing"')
    assert ours(whole("http", [])).good


def test_verdicts_agree_on_a_sample():
    if not Nginx.installed():
        pytest.skip("nginx is not installed")
    counted, differing, _, _ = compare(120, 7, Nginx.binary())
    assert counted >= 100
    assert len(differing) <= 2, differing
