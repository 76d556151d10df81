import pytest

from forkproxy.config.row import (
    ANYWHERE,
    HTTP,
    Arguments,
    Invalid,
    Tier,
    accepted,
    refused,
    row,
    words,
)
from forkproxy.config.template import parse_template


def arguments(*texts):
    return Arguments("name", texts, (False,) * len(texts), None)


def test_the_number_of_arguments_is_written_short():
    assert (row("a", [HTTP], words).least, row("a", [HTTP], words).most) == (1, 1)
    assert (row("a", [HTTP], words, args=2).least, row("a", [HTTP], words, args=2).most) == (2, 2)
    both = row("a", [HTTP], words, args=(1, None))
    assert (both.least, both.most) == (1, None)


def test_a_block_has_levels_or_bare_lines_inside():
    assert not row("a", [HTTP], words).block
    assert row("a", [HTTP], words, inside=HTTP).block
    assert row("a", [HTTP], words, line=lambda args, earlier: 1, close=lambda args, lines: 1).block


def test_accepted_and_refused_rows_say_so():
    assert accepted("a", [HTTP], words).tier is Tier.ACCEPTED
    first, second = refused("a b", "because", off="off")
    assert (first.name, second.name) == ("a", "b")
    assert first.tier is Tier.REFUSED
    assert first.contexts == frozenset(ANYWHERE)


def test_arguments_are_words_and_know_their_directive():
    args = arguments("x", "y")
    assert (args[0], args[-1], len(args)) == ("x", "y", 2)
    assert words(args) == ("x", "y")
    error = args.refuse("invalid value")
    assert isinstance(error, Invalid)
    assert error.reason == '"name" directive invalid value'


def test_arguments_remember_the_variables_of_a_template_but_not_its_captures():
    args = arguments("x")
    args.uses(parse_template("$a$1$b"), 1)
    assert args.used == [("a", 1), ("b", 1)]


def test_an_error_blames_the_first_argument_unless_another_is_named():
    assert Invalid("no").word == 1
    assert Invalid("no", 0).word == 0
    with pytest.raises(Invalid, match="no"):
        raise Invalid("no")
