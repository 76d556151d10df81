import pytest

from forkproxy.config.directives import rewrite
from forkproxy.config.directives.rewrite import Return, Set
from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def one(text, name):
    (line,) = level("location", text).own(name)
    return line.value


def condition(text):
    (block,) = level("location", f"if {text} {{ }}").blocks("if")
    return block.subject


def test_set_gives_a_variable_a_value():
    assert one("set $A b$host;", "set") == Set("a", ("b", Var("host")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("404", Return(404)),
        ("200 ok", Return(200, ("ok",))),
        ('200 ""', Return(200, ())),
        ("301 /x$uri", Return(301, ("/x", Var("uri")))),
        ("https://$host", Return(302, ("https://", Var("host")))),
        ("444", Return(444)),
    ],
)
def test_return_answers_at_once(text, expected):
    assert one(f"return {text};", "return") == expected


@pytest.mark.parametrize(
    ("text", "flag", "status", "replacement", "keep_args"),
    [
        ("^/a(.*) /b$1", "", 0, ("/b", Var("1", 1)), True),
        ("^/a /b last", "last", 0, ("/b",), True),
        ("^/a /b break", "break", 0, ("/b",), True),
        ("^/a /b redirect", "redirect", 302, ("/b",), True),
        ("^/a /b permanent", "permanent", 301, ("/b",), True),
        ("^/a /b? last", "last", 0, ("/b",), False),
        ("^/a http://e/", "redirect", 302, ("http://e/",), True),
        ("^/a $scheme://e/ permanent", "permanent", 301, (Var("scheme"), "://e/"), True),
    ],
)
def test_rewrite_changes_the_path(text, flag, status, replacement, keep_args):
    found = one(f"rewrite {text};", "rewrite")
    assert (found.flag, found.status, found.replacement) == (flag, status, replacement)
    assert found.keep_args is keep_args
    assert found.pattern.search(b"/a")


@pytest.mark.parametrize(
    ("text", "test", "variable", "operand", "negated"),
    [
        ("($a)", rewrite.Test.TRUE, "a", (), False),
        ("( $a )", rewrite.Test.TRUE, "a", (), False),
        ("($a = b)", rewrite.Test.EQUAL, "a", ("b",), False),
        ("($a != $b)", rewrite.Test.EQUAL, "a", (Var("b"),), True),
        ('($a = "")', rewrite.Test.EQUAL, "a", (), False),
        ("(-f $a)", rewrite.Test.FILE, "", (Var("a"),), False),
        ("(!-d /x)", rewrite.Test.FOLDER, "", ("/x",), True),
        ("(-e /x)", rewrite.Test.EXISTS, "", ("/x",), False),
        ("(!-x /x)", rewrite.Test.EXECUTABLE, "", ("/x",), True),
    ],
)
def test_the_forms_of_a_condition(text, test, variable, operand, negated):
    (block,) = level("location", f"set $a 1; set $b 2; if {text} {{ }}").blocks("if")
    found = block.subject
    assert (found.test, found.variable, found.operand) == (test, variable, operand)
    assert found.negated is negated


def test_a_condition_may_match_a_regex():
    assert condition("($host ~ ^a)").pattern.search(b"ab")
    assert condition("($host ~* ^A)").pattern.search(b"ab")
    assert condition("($host !~ ^a)").negated
    assert condition('($host ~ "^a{2}$")').pattern.search(b"aa")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$host", 'invalid condition "$host"'),
        ("($host", 'invalid condition "$host"'),
        ("()", 'invalid condition ")"'),
        ("(host)", 'invalid condition "host"'),
        ("($host == a)", 'unexpected "==" in condition'),
        ("($host = a b)", 'invalid condition "$host"'),
        ("(-q /a)", 'invalid condition "-q"'),
        ("(-f)", 'invalid condition "-f"'),
    ],
)
def test_what_is_no_condition_is_refused(text, message):
    assert errors("location", f"if {text} {{ }}") == [message]


def test_the_two_places_of_an_if_allow_different_directives():
    assert errors("location", "if ($host) { root /a; }") == []
    assert errors("server", "if ($host) { root /a; }") == ['"root" directive is not allowed here']
