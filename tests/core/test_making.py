"""What the parts of a generation share while it is built."""

import re

import pytest

from forkproxy.config.template import parse_template
from forkproxy.core.expressions import Slot
from forkproxy.core.making import Making


def nothing(*_):
    raise AssertionError("nobody asks for this")


@pytest.fixture
def making():
    return Making(nothing, nothing, "logs/access.log", "html", nothing)


def test_each_slot_has_a_place_of_its_own(making):
    assert [making.slot(name).index for name in ("a", "b", "c")] == [0, 1, 2]


def test_a_slot_of_the_same_name_is_the_same(making):
    assert making.slot("a") is making.slot("a")


def test_named_groups_are_slots(making):
    (pair,) = making.captures(re.compile(rb"(?P<Word>.)(.)"))
    assert pair == ("Word", making.slot("word"))


def test_a_variable_of_ours_is_found(making):
    slot = making.slot("mine")
    assert making.variable("mine") is slot


def test_a_variable_of_every_request_is_found(making):
    assert making.variable("uri").name == "uri"


def test_a_variable_that_nobody_knows_is_an_error(making):
    with pytest.raises(KeyError):
        making.variable("nobody")


def test_an_expression_uses_our_slots(making):
    slot = making.slot("mine")
    assert making.expression(parse_template("a$mine")).nodes == (b"a", slot)


def test_a_slot_goes_before_what_else_has_the_name(making):
    making.slots["uri"] = Slot("uri", 7)
    assert making.slot("uri").index == 7
