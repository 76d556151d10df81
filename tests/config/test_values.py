import pytest

from forkproxy.config import values
from forkproxy.config.row import Arguments, Invalid
from forkproxy.config.scope import Directive, Folders, Scope
from forkproxy.config.template import Var


def arguments(*texts):
    scope = Scope("http", folders=Folders("/prefix", "/conf"))
    return Arguments("name", texts, (False,) * len(texts), scope)


def refusal(parse, *texts):
    with pytest.raises(Invalid) as caught:
        parse(arguments(*texts))
    return caught.value.reason


def test_a_flag_is_on_or_off_in_any_case():
    assert values.flag(arguments("on")) is True
    assert values.flag(arguments("OFF")) is False
    assert refusal(values.flag, "yes") == (
        'invalid value "yes" in "name" directive, it must be "on" or "off"'
    )


def test_sizes_and_times():
    assert values.size(arguments("8k")) == 8192
    assert values.offset(arguments("1g")) == 1 << 30
    assert values.duration(arguments("1m30s")) == 90
    assert values.seconds(arguments("1M")) == 30 * 86400
    for parse in (values.size, values.offset, values.duration, values.seconds):
        assert refusal(parse, "x") == '"name" directive invalid value'


def test_numbers_within_bounds():
    assert values.number()(arguments("7")) == 7
    assert refusal(values.number(), "x") == '"name" directive invalid number'
    assert refusal(values.number(2), "1") == "value must be equal to or greater than 2"
    assert refusal(values.number(2, 4), "5") == "value must be between 2 and 4"


def test_one_of_some_words_in_any_case():
    parse = values.choice("off", "exact")
    assert parse(arguments("Exact")) == "exact"
    assert refusal(parse, "x") == 'invalid value "x"'


def test_a_set_of_words_keeps_their_spelling():
    parse = values.choices("Vary", "Expires")
    assert parse(arguments("vary", "EXPIRES")) == {"Vary", "Expires"}
    assert refusal(parse, "Vary", "x") == 'invalid value "x"'


def test_sets_of_one_level_add_up_and_doubles_are_warned_of():
    parse = values.choices("a", "b")
    args = arguments("b", "a")
    args.level.add(Directive("name", ("a",), frozenset("a"), None, args.level))
    assert parse(args) == {"a", "b"}
    assert args.warnings == [('duplicate value "a"', 2)]


def test_buffers_are_a_count_and_a_size():
    assert values.buffers(arguments("4", "8k")) == values.Buffers(4, 8192)
    for texts in (("0", "8k"), ("4", "0"), ("x", "8k"), ("4", "x")):
        assert refusal(values.buffers, *texts) == '"name" directive invalid value'


def test_a_path_is_taken_from_the_prefix():
    assert values.path(arguments("a/b")) == "/prefix/a/b"
    assert values.path(arguments("/a/b")) == "/a/b"


def test_a_template_notes_its_variables():
    args = arguments("a$b")
    assert values.template(args) == ("a", Var("b"))
    assert args.used == [("b", 1)]
    assert refusal(values.template, "$") == "invalid variable name"


def test_a_pattern_notes_its_names():
    args = arguments("(?<n>a)")
    assert values.pattern_at(args, 1, args[0]).search(b"a")
    assert args.defined == ["n"]
    assert "missing closing" in refusal(lambda args: values.pattern_at(args, 1, args[0]), "(")


def test_options_are_names_and_values():
    args = arguments("x", "a=1", "b", "c=d=e")
    assert values.options(args, 1) == [(2, "a", "1"), (3, "b", ""), (4, "c", "d=e")]
    assert values.unknown_option(args, 3).reason == 'invalid parameter "b"'


def test_nothing_and_a_word():
    assert values.nothing(arguments()) is True
    assert values.word(arguments("x")) == "x"


def test_a_variable_that_is_made_has_a_sign_and_is_none_of_nginx():
    args = arguments("$Mine")
    assert values.variable_at(args, 0) == "mine"
    assert args.defined == ["mine"]
    for word in ("mine", "$", "$host"):
        with pytest.raises(Invalid):
            values.variable_at(arguments(word), 0)
