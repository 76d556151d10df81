"""The commands of SSI."""

import pytest

from forkproxy.features.ssi_commands import (
    CommandError,
    encode,
    expand,
    holds,
    parse_command,
    waits,
)

VALUES = {b"a": b"1", b"empty": b"", b"q": b"x=y"}


@pytest.mark.parametrize(
    ("text", "name", "parameters"),
    [
        (b' include virtual="/a" ', b"include", {b"virtual": b"/a"}),
        (b"ECHO VAR='a' default=\"\"", b"echo", {b"var": b"a", b"default": b""}),
        (b'set var="a" value="\\"b\\""', b"set", {b"var": b"a", b"value": b'"b"'}),
        (b"endif", b"endif", {}),
    ],
)
def test_a_command_is_taken_apart(text, name, parameters):
    assert parse_command(text) == (name, parameters)


@pytest.mark.parametrize("text", [b"", b" ", b"=", b"include virtual", b"include virtual=/a"])
def test_what_is_no_command(text):
    with pytest.raises(CommandError):
        parse_command(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [(b"$a", b"1"), (b"x${a}y", b"x1y"), (b"$none.", b"."), (b"\\$a", b"$a"), (b"$", b"$")],
)
def test_variables_in_a_value(text, value):
    assert expand(text, VALUES.get) == value


@pytest.mark.parametrize(
    ("expression", "true"),
    [
        (b"$a", True),
        (b"$empty", False),
        (b"$none", False),
        (b"$a = 1", True),
        (b"$a = 2", False),
        (b"$a != 2", True),
        (b"$q = /^x/", True),
        (b"$q != /^x/", False),
        (b"$a = $a", True),
    ],
)
def test_conditions(expression, true):
    assert holds(expression, VALUES.get, {}) is true


def test_a_broken_pattern_is_an_error():
    with pytest.raises(CommandError):
        holds(b"$a = /(/", VALUES.get, {})


def test_values_are_encoded():
    assert encode(b"<a&b>", b"entity") == b"&lt;a&amp;b&gt;"
    assert encode(b"a b", b"url") == b"a%20b"
    assert encode(b"<", b"none") == b"<"


def test_what_a_regex_captures_becomes_variables():
    found = {b"1": b"old"}
    assert holds(b"$q = /(?<First>x)(y)?/", VALUES.get, found)
    assert found == {b"1": b"x", b"2": b"", b"first": b"x"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({b"virtual": b"/"}, False),
        ({b"virtual": b"/", b"wait": b"no"}, False),
        ({b"virtual": b"/", b"wait": b"Yes"}, True),
    ],
)
def test_whether_an_include_is_waited_for(given, said):
    assert waits(given) is said


@pytest.mark.parametrize(
    "given", [{b"virtual": b"/", b"wait": b"1"}, {b"file": b"x", b"wait": b"yes"}]
)
def test_what_wait_may_not_say(given):
    with pytest.raises(CommandError):
        waits(given)
