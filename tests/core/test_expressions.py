"""Text with variables, compiled, and evaluated for one exchange."""

import re

import pytest

from forkproxy.config.template import parse_template
from forkproxy.core.exchange import Exchange
from forkproxy.core.expressions import Capture, Expression, Slot, Variable, compile_template
from forkproxy.wire.head import parse_request_head
from tests.support.client import get
from tests.support.hub import in_hub
from tests.support.inside import Inside

HEAD = b"GET /path?x=1 HTTP/1.1\r\nHost: example.com\r\nX-Here: yes\r\n\r\n"


@pytest.fixture
def exchange():
    made = in_hub(Exchange, parse_request_head(HEAD), None)
    made.uri, made.args = b"/path", b"x=1"
    return made


def compiled(text, slots=None):
    return compile_template(parse_template(text), slots or {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", b""),
        ("plain", b"plain"),
        ("é", "é".encode()),
        ("$uri", b"/path"),
        ("$host$request_uri", b"example.com/path?x=1"),
        ("a${uri}b", b"a/pathb"),
        ("$http_x_here", b"yes"),
        ("$http_x_absent", b""),
        ("[$http_x_absent]", b"[]"),
        ("$1", b""),
    ],
)
def test_a_text_has_its_variables_replaced(exchange, text, value):
    assert compiled(text)(exchange) == value


@pytest.mark.parametrize(("text", "constant"), [("", True), ("plain", True), ("a$uri", False)])
def test_a_text_without_variables_is_constant(text, constant):
    assert compiled(text).constant is constant


def test_octets_of_a_file_that_are_no_utf_8_come_through(exchange):
    text = b"\xff\xfe".decode("utf-8", "surrogateescape")
    assert compiled(text)(exchange) == b"\xff\xfe"


def test_a_variable_that_nobody_knows_is_an_error():
    with pytest.raises(KeyError, match="nobody"):
        compiled("$nobody")


def test_a_slot_is_empty_until_it_is_set(exchange):
    slot = Slot("mine", 3)
    assert slot(exchange) == b""
    slot.set(exchange, b"value")
    assert slot(exchange) == b"value"


def test_slots_do_not_disturb_each_other(exchange):
    one, other = Slot("one", 0), Slot("other", 4)
    other.set(exchange, b"other")
    assert (one(exchange), other(exchange)) == (b"", b"other")


def test_a_slot_set_to_nothing_is_set(exchange):
    slot = Slot("mine", 0)
    slot.set(exchange, b"value")
    slot.set(exchange, b"")
    assert slot(exchange) == b""


@pytest.mark.parametrize(("group", "value"), [(1, b"pa"), (2, b""), (3, b"h"), (4, b"")])
def test_a_capture_is_a_group_of_the_last_match(exchange, group, value):
    exchange.captures = re.search(rb"/(pa)(x)?t(h)", exchange.uri)
    assert Capture(group)(exchange) == value


def test_a_variable_that_computes_nothing_is_none():
    with pytest.raises(NotImplementedError):
        Variable("abstract")(in_hub(Exchange, parse_request_head(HEAD), None))


def test_they_are_shown_as_they_are_written():
    assert repr(Expression("a$uri", (b"a",))) == "<Expression 'a$uri'>"
    assert repr(Slot("mine", 0)) == "$mine"


@pytest.mark.parametrize(
    ("value", "holds"), [("", b"no"), ("0", b"no"), ("00", b"yes"), ("a", b"yes"), ("1", b"yes")]
)
def test_empty_and_zero_are_false_and_all_else_is_true(value, holds):
    conf = f'set $v "{value}"; if ($v) {{ return 200 yes; }} return 200 no;'
    with Inside(conf) as server:
        assert get(server.address).body == holds
