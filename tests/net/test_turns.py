"""The turns of the one loop of the tests' process are counted in words of a test."""

import array
import itertools
import time

import pytest

from forkproxy.net import turns
from forkproxy.net.turns import Length, Word
from tests.support.eventually import eventually
from tests.support.hub import in_hub

MILLISECOND = 1000


@pytest.fixture
def words():
    """Where turns are counted during this test; afterwards they are counted elsewhere."""
    own, orders = array.array("L", [7] * Word.WORDS), array.array("L", [0])
    in_hub(turns.count_in, own, orders)
    yield own, orders
    in_hub(turns.count_in, array.array("L", [0] * Word.WORDS), array.array("L", [0]))


def counts(own, first=Word.TURNS):
    return own[first : first + Length.PLACES]


@pytest.mark.parametrize("duration", [0, 1, 3, 4, 7, 8, 9, 100, 4095, 4096, 5_000_000])
def test_a_duration_is_counted_between_the_bounds_of_its_place(duration):
    place = turns.place(duration)
    assert duration < turns.bound(place)
    assert place == 0 or duration >= turns.bound(place - 1)


def test_places_follow_each_other_without_a_gap_and_are_known_to_a_quarter():
    bounds = [turns.bound(place) for place in range(Length.PLACES)]
    assert [turns.place(bound - 1) for bound in bounds] == list(range(Length.PLACES))
    assert all(above <= below * 5 / 4 for below, above in itertools.pairwise(bounds[3:]))


def test_what_is_longer_than_any_place_is_counted_in_the_last():
    assert turns.place(2**60) == Length.PLACES - 1


def test_a_part_is_the_bound_that_so_many_stay_below():
    found = [0] * Length.PLACES
    found[turns.place(10)], found[turns.place(2000)] = 990, 10
    assert turns.part(found, 0.99) == turns.bound(turns.place(10))
    assert turns.part(found, 0.999) == turns.bound(turns.place(2000))
    assert turns.part([0] * Length.PLACES, 0.5) == 0


def test_a_turn_that_is_held_up_is_counted_with_its_length(words):
    own, _ = words
    in_hub(time.sleep, 0.03)
    eventually(lambda: own[Word.LONGEST_TURN] >= 30 * MILLISECOND)
    assert sum(counts(own)[turns.place(30 * MILLISECOND) :]) == 1
    assert own[Word.TURN_TIME] >= own[Word.LONGEST_TURN]
    assert turns.longest() >= 0.03
    assert turns.longest() < 0.03


def test_counting_begins_at_nothing(words):
    own, _ = words
    in_hub(lambda: None)
    assert sum(counts(own)) < 7 * Length.PLACES


def test_where_nobody_asks_no_turn_is_looked_at_closely(words):
    own, _ = words
    in_hub(time.sleep, 0.001)
    assert not any(own[Word.PROFILED_TIME : Word.PROFILED_TURNS + Length.PLACES])


def test_a_close_look_tells_running_from_waiting(words):
    own, orders = words
    orders[0] = 1
    in_hub(lambda: None)  # the turn in which the order came was begun without it
    in_hub(time.sleep, 0.03)
    eventually(lambda: own[Word.PROFILED_TIME] >= 30 * MILLISECOND)
    # Asleep it neither ran nor could have.
    asleep = own[Word.PROFILED_TIME] - own[Word.PROFILED_RUN] - own[Word.PROFILED_DELAY]
    assert asleep >= 29 * MILLISECOND
    assert sum(counts(own, Word.PROFILED_TURNS)[turns.place(29 * MILLISECOND) :]) == 1


def test_a_close_look_begins_anew_with_each_order(words):
    own, orders = words
    orders[0] = 1
    in_hub(lambda: None)
    in_hub(time.sleep, 0.03)
    eventually(lambda: own[Word.PROFILED_TIME] >= 30 * MILLISECOND)
    orders[0] = 0
    in_hub(lambda: None)
    in_hub(lambda: None)
    orders[0] = 1
    eventually(lambda: own[Word.PROFILED_TIME] < 30 * MILLISECOND)


def test_too_few_words_are_refused():
    few = array.array("L", [0] * (Word.WORDS - 1))
    with pytest.raises(ValueError, match="192 words"):
        turns.count_in(few, array.array("L", [0]))


def test_what_the_thread_spent_only_grows():
    first = in_hub(turns.spent)
    in_hub(sum, range(1_000_000))
    second = in_hub(turns.spent)
    assert second[0] > first[0]
    assert second[1] >= first[1]


def test_a_loop_that_is_not_libevs_is_not_followed():
    assert not turns.follow(object())
