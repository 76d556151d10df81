import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forkproxy.config.template import (
    TemplateError,
    Var,
    constant,
    parse_template,
    variables,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("abc", ("abc",)),
        ("$host", (Var("host"),)),
        ("$Host", (Var("host"),)),
        ("${host}", (Var("host"),)),
        ("$host${uri}x$1", (Var("host"), Var("uri"), "x", Var("1", 1))),
        ("a$host-b", ("a", Var("host"), "-b")),
        ("$a_1b c", (Var("a_1b"), " c")),
        ("$12", (Var("1", 1), "2")),
        ("$0", (Var("0"),)),
        ("${1}", (Var("1"),)),
        ("{$a}", ("{", Var("a"), "}")),
        ("$a$b", (Var("a"), Var("b"))),
    ],
)
def test_text_and_variables(text, parts):
    assert parse_template(text) == parts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$", "invalid variable name"),
        ("a$", "invalid variable name"),
        ("$-", "invalid variable name"),
        ("$$", "invalid variable name"),
        ("${", "invalid variable name"),
        ("${}", "invalid variable name"),
        ("$ä", "invalid variable name"),
        ("${a", 'the closing bracket in "a" variable is missing'),
        ("${a-b}", 'the closing bracket in "a" variable is missing'),
    ],
)
def test_a_dollar_that_starts_no_variable_is_refused(text, reason):
    with pytest.raises(TemplateError) as caught:
        parse_template(text)
    assert caught.value.reason == reason


def test_a_variable_knows_its_place_in_the_text():
    assert [variable.offset for variable in variables(parse_template("ab$c${d}"))] == [2, 4]


def test_without_captures_a_digit_is_a_name():
    assert parse_template("$1x", captures=False) == (Var("1x"),)


def test_the_text_of_a_constant():
    assert constant(()) == ""
    assert constant(("a",)) == "a"
    assert constant(parse_template("a$b")) is None
    assert constant(parse_template("$b")) is None


@given(st.text("ab$1_-", max_size=30))
def test_parts_put_together_are_the_text(text):
    try:
        parts = parse_template(text)
    except TemplateError:
        assume(False)
    joined = "".join(part if isinstance(part, str) else f"${part.name}" for part in parts)
    assert joined == text
    assert all(part != "" for part in parts)
