import pytest

from forkproxy.config.directives.balance import Hash, LeastTime, Queue, Random
from tests.support.configuration import errors, level, warnings


def value(name, text):
    return level("upstream", f"{text}; server a;").value(name)


def test_a_hash_has_a_key():
    assert not value("hash", "hash $uri").consistent
    assert value("hash", "hash $uri consistent") == Hash(value("hash", "hash $uri").key, True)
    assert errors("upstream", "hash $uri x; server a;") == ['invalid parameter "x"']
    assert errors("upstream", "hash $nothing; server a;") == ['unknown "nothing" variable']


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("random", Random()),
        ("random two", Random(True)),
        ("random two least_conn", Random(True)),
        ("random two least_time=header", Random(True, "header")),
        ("random two least_time=last_byte", Random(True, "last_byte")),
    ],
)
def test_random_may_look_at_two(text, meant):
    assert value("random", text) == meant


@pytest.mark.parametrize("text", ["three", "two most_conn", "two least_time=x", "two least_time"])
def test_random_knows_nothing_else(text):
    assert errors("upstream", f"random {text}; server a;") == [
        f'invalid parameter "{text.split()[-1]}"'
    ]


def test_least_time_measures_the_head_or_the_end():
    assert value("least_time", "least_time header") == LeastTime("header")
    assert value("least_time", "least_time last_byte inflight") == LeastTime("last_byte", True)
    assert errors("upstream", "least_time foot; server a;") == ['invalid value "foot"']
    assert errors("upstream", "least_time header x; server a;") == ['invalid parameter "x"']


def test_a_queue_has_an_end():
    assert value("queue", "queue 100") == Queue(100)
    assert value("queue", "queue 100 timeout=5s") == Queue(100, 5)
    assert errors("upstream", "queue x; server a;") == ['invalid parameter "x"']
    assert errors("upstream", "queue 1 time=5; server a;") == ['invalid parameter "time=5"']


def test_a_second_policy_is_a_warning():
    assert warnings("upstream", "least_conn; random; server a;") == [
        "load balancing method redefined"
    ]
