"""Extents: against a model, the set of the octets that are there."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from forkproxy.cache import extents

WHOLE = 40
PART = st.tuples(st.integers(0, WHOLE), st.integers(0, WHOLE)).filter(lambda one: one[0] < one[1])


def built(parts):
    """Return the extents that come of parts that came one after the other."""
    made = ()
    for one in parts:
        made = extents.joined(made, (one,))
    return made


def octets(parts):
    return {at for start, stop in parts for at in range(start, stop)}


@given(st.lists(PART))
def test_they_have_the_octets_that_came_in_order_and_apart(parts):
    made = built(parts)
    assert octets(made) == octets(parts)
    assert extents.octets(made) == len(octets(parts))
    assert all(stop < start for (_, stop), (start, _) in itertools.pairwise(made))


@given(st.lists(PART), PART)
def test_what_is_missing_is_what_the_set_has_not(parts, wanted):
    gaps = extents.missing(built(parts), *wanted)
    assert octets(gaps) == octets([wanted]) - octets(parts)
    assert list(gaps) == list(built(gaps))


@given(st.lists(PART), st.lists(PART))
def test_they_cover_what_the_set_has(parts, wanted):
    assert extents.covers(built(parts), wanted) == (octets(wanted) <= octets(parts))


@given(st.lists(PART))
def test_a_record_gives_back_what_was_written(parts):
    assert extents.unpack(extents.pack(built(parts))) == built(parts)
