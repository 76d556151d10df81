"""The field list: found by name in any case, kept in order and letters, written back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.wire.fields import Fields
from forkproxy.wire.head import parse_fields
from forkproxy.wire.names import NameSet


def fields(*lines):
    return parse_fields(b"".join(line + b"\r\n" for line in lines) + b"\r\n")


def test_a_name_is_found_in_any_case():
    found = fields(b"CONTENT-type: text/plain", b"X-Odd: one")
    assert found.get(b"content-type") == b"text/plain"
    assert found.get(b"x-odd") == b"one"


def test_the_first_of_several_is_got_and_all_are_in_order():
    found = fields(b"Via: a", b"X: 1", b"via: b")
    found.add(b"VIA", b"c")
    assert found.get(b"via") == b"a"
    assert found.all(b"via") == [b"a", b"b", b"c"]
    assert found.joined(b"via") == b"a, b, c"
    assert found.joined(b"via", b"; ") == b"a; b; c"


def test_what_is_not_there_is_none():
    found = fields(b"X-A: one")
    assert found.get(b"x-b") is None
    assert found.joined(b"via") is None
    assert found.variable(b"x_b") is None
    assert found.all(b"x-b") == []
    assert not found.has(b"x-b")


def test_an_empty_value_is_there():
    found = fields(b"X-A:")
    assert found.has(b"x-a")
    assert found.get(b"x-a") == b""


@pytest.mark.parametrize("name", [b"Accept", b"Connection", b"X-A"])
def test_a_removed_name_is_gone_and_the_others_stay(name):
    found = fields(b"%s: 1" % name, b"Host: h", b"%s: 2" % name.upper())
    found.add(name, b"3")
    assert found.remove(name.lower()) == 3
    assert found.remove(name.lower()) == 0
    assert found.get(name.lower()) is None
    assert found.items() == [(b"Host", b"h")]
    assert len(found) == 1


def test_a_name_that_is_set_is_there_once_and_last():
    found = fields(b"Server: a", b"X: 1", b"server: b")
    found.set(b"Server", b"c")
    assert found.items() == [(b"X", b"1"), (b"Server", b"c")]


def test_fields_may_begin_empty():
    found = Fields()
    found.add(b"X-A", b"one")
    assert found.get(b"x-a") == b"one"
    assert list(found) == [(b"X-A", b"one")]


@pytest.mark.parametrize("octet", [b"\r", b"\n", b"\0"])
def test_what_would_end_a_line_is_not_added(octet):
    found = Fields()
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        found.add(b"X-A", b"one" + octet + b"two")
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        found.add(b"X" + octet, b"one")
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        found.set(b"X-A", octet)
    assert len(found) == 0


def test_a_copy_is_changed_alone():
    found = fields(*[b"X-%d: %d" % (index, index) for index in range(40)], b"Host: h")
    found.add(b"Via", b"a")
    other = found.copy()
    other.remove(b"host")
    other.add(b"Via", b"b")
    assert found.get(b"host") == b"h"
    assert found.all(b"via") == [b"a"]
    assert other.all(b"via") == [b"a", b"b"]
    assert len(other) == 42 - 1 + 1


def test_a_copy_outlives_what_it_was_made_of():
    found = fields(*[b"X-%d: %d" % (index, index) for index in range(40)])
    other = found.copy()
    expected = found.items()
    del found
    assert other.items() == expected


def test_a_variable_does_not_tell_hyphen_from_underscore():
    found = fields(b"X-Forwarded-For: a")
    found.add(b"x_forwarded_for", b"b")
    assert found.variable(b"x_forwarded_for") == b"a, b"


def test_the_variable_of_cookies_is_joined_by_semicolons():
    assert fields(b"Cookie: a=b", b"cookie: c=d").variable(b"cookie") == b"a=b; c=d"


def test_fields_are_written_as_they_came():
    found = fields(b"HOST:h", b"X-A:  one ", b"x-empty:")
    found.add(b"X-Added", b"two")
    assert found.written() == b"HOST: h\r\nX-A: one\r\nx-empty: \r\nX-Added: two\r\n"


def test_names_are_left_out_in_any_case():
    names = NameSet([b"connection", b"x-secret", b"x-longer-than-all"])
    found = fields(b"CONNECTION: close", b"X-Secret: a", b"x-secret: b", b"X-Sacred: c")
    found.add(b"X-SECRET", b"d")
    found.add(b"X-Kept", b"e")
    assert found.written(names) == b"X-Sacred: c\r\nX-Kept: e\r\n"


NAMES = st.sampled_from(
    [b"Host", b"date", b"ETag", b"vary", b"Link", b"Te", b"X-A", b"x-b", b"Set-Cookie", b"Odd"]
)
VALUES = st.binary(max_size=8).map(
    lambda octets: bytes(octet for octet in octets if 32 < octet != 127)
)
PAIRS = st.lists(st.tuples(NAMES, VALUES), max_size=60)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), NAMES, VALUES),
        st.tuples(st.just("set"), NAMES, VALUES),
        st.tuples(st.just("remove"), NAMES, st.none()),
    ),
    max_size=20,
)


@given(PAIRS, STEPS)
def test_fields_behave_as_a_list_of_pairs(pairs, steps):
    found = fields(*[name + b": " + value for name, value in pairs])
    expected = list(pairs)
    for step, name, value in steps:
        if step != "add":
            expected = [pair for pair in expected if pair[0].lower() != name.lower()]
        if step == "remove":
            found.remove(name.lower())
        else:
            getattr(found, step)(name, value)
            expected.append((name, value))
    assert found.items() == expected
    assert len(found) == len(expected)
    assert fields(found.written()[:-2]).items() == expected if expected else len(found) == 0
    for name in {name.lower() for name, _ in [*pairs, *expected]}:
        assert found.all(name) == [value for other, value in expected if other.lower() == name]
