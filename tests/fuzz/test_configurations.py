"""Whatever a configuration's text is: a verdict, in time that grows as the text does."""

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forkproxy.config.lexer import Kind, tokens
from forkproxy.config.load import load_text
from forkproxy.config.problems import ConfigErrors
from forkproxy.config.report import as_json, render
from tests.fuzz import configurations

UNHURRIED = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow], database=None
)


def verdict(text):
    """Load a text and make its report; return whether it was taken. Raises nothing."""
    try:
        problems = load_text(text).notices
        good = True
    except ConfigErrors as errors:
        problems = errors.problems
        good = False
    render(problems, verbose=True)
    as_json("fuzz", problems)
    return good


@UNHURRIED
@given(st.text())
def test_any_text_has_tokens_up_to_its_end(text):
    *_, last = tokens(text)
    assert last.kind is Kind.EOF or last.kind is Kind.WRONG


@UNHURRIED
@given(st.text())
def test_any_text_has_a_verdict(text):
    verdict(text)


@UNHURRIED
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_directives_in_no_order_have_a_verdict(seed, count):
    verdict(configurations.tokens(random.Random(seed), count))


@UNHURRIED
@given(st.integers(0, 2**32))
def test_a_damaged_configuration_has_a_verdict(seed):
    verdict(configurations.damaged(random.Random(seed)))


def test_the_configuration_that_is_damaged_is_good():
    assert verdict(configurations.GOOD)


def http(text):
    return f"events {{}} http {{ {text} }}"


def numbered(text):
    return lambda count: http("".join(text.replace("#", str(i)) for i in range(count)))


SHAPES = {
    "words": lambda count: "a " * (10 * count),
    "one line of mistakes": lambda count: "a; " * count,
    "opened": lambda count: "http { " * count,
    "locations in each other": lambda count: "server { " + "location / { " * count,
    "unknown directives": numbered("nonsense_# 1;\n"),
    "servers": numbered("server { listen #.example:8#; server_name a#.example; }\n"),
    "ports": lambda count: http(
        "".join(f"server {{ listen {i + 1}; }}\n" for i in range(min(count, 60_000)))
    ),
    "locations": lambda count: http(
        "server {" + "".join(f"location /{i}/ {{ }}\n" for i in range(count)) + "}"
    ),
    "variables": lambda count: http(
        "server {" + "".join(f"set $v{i} $v{i};\n" for i in range(count)) + "}"
    ),
    "unknown variables": lambda count: http(
        "server {" + "".join(f"set $v{i} $w{i};\n" for i in range(count // 8)) + "}"
    ),
    "formats": numbered("log_format f# $host; access_log /dev/null f#;\n"),
    "types": numbered("types { a/b#  c#; }\n"),
    "upstreams": numbered("upstream u# { server 127.0.0.#; }\n"),
    "wrong upstreams": numbered("upstream u# { nothing; server unix:; }\n"),
    "http again and again": lambda count: "events {} " + "http { }\n" * count,
    "a fragment": lambda count: "".join(f"location /{i} {{ root /; }}\n" for i in range(count)),
    "quotes": lambda count: '"' * (10 * count),
    "backslashes": lambda count: "\\" * (10 * count),
    "dollars": lambda count: http(f"server {{ set $a {'$host' * min(count, 700)}; }}"),
}


def cost(text):
    """Return the CPU seconds of one check, the better of two."""
    found = []
    for _ in range(2):
        begun = time.process_time()
        verdict(text)
        found.append(time.process_time() - begun)
    return min(found)


@pytest.mark.parametrize("shape", SHAPES)
def test_eight_times_the_text_costs_about_eight_times_as_much(shape):
    make = SHAPES[shape]
    small, large = cost(make(250)), cost(make(2000))
    assert large < 24 * small + 0.05
