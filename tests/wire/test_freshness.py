"""Cache-Control, Age and Vary (RFC 9111 §5)."""

import pytest

from forkproxy.wire.freshness import cache_control, delta_seconds, vary_names, without_space

ABSENT, INVALID = -1, -2
NO_STORE, NO_CACHE, PRIVATE, PUBLIC, MUST_REVALIDATE = 1, 2, 4, 8, 16


def test_without_a_line_nothing_is_said():
    said = cache_control(None)
    assert said.flags == 0
    assert said.max_age == ABSENT


def test_directives_are_told_apart_in_any_case():
    said = cache_control(b"Public, MAX-AGE=60 , s-maxage=5,must-revalidate")
    assert said.flags == PUBLIC | MUST_REVALIDATE
    assert (said.max_age, said.s_maxage) == (60, 5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"0", 0),
        (b"003600", 3600),
        (b"2147483647", 2147483647),
        (b"99999999999999999999", 2147483648),
        (b"", INVALID),
        (b"-1", INVALID),
        (b"1.5", INVALID),
        (b"a1", INVALID),
    ],
)
def test_seconds_are_digits_and_nothing_else(text, seconds):
    assert delta_seconds(text) == seconds


def test_a_number_may_be_quoted():
    assert cache_control(b'max-age="60"').max_age == 60


def test_what_is_in_a_quoted_string_is_no_directive():
    said = cache_control(b'extension="max-age=3600, no-store", max-age=1')
    assert said.max_age == 1
    assert said.flags == 0


def test_an_escaped_quote_does_not_end_a_string():
    assert cache_control(b'extension="a\\", no-store, b"').flags == 0


def test_a_string_without_its_end_takes_the_rest():
    assert cache_control(b'extension="a, no-store').flags == 0


@pytest.mark.parametrize("text", [b"max-age =60", b"max-age= 60", b"max-age='60'", b"max-age"])
def test_a_number_with_anything_around_it_is_invalid_or_not_there(text):
    assert cache_control(text).max_age in (ABSENT, INVALID)


def test_of_a_directive_given_twice_the_first_counts():
    assert cache_control(b"max-age=1, max-age=3600").max_age == 1


def test_no_cache_and_private_may_name_fields():
    said = cache_control(b'no-cache="Set-Cookie, X-A", private="X-B"')
    assert said.flags == 0
    assert said.no_cache_fields == (b"set-cookie", b"x-a")
    assert said.private_fields == (b"x-b",)
    assert cache_control(b"no-cache, private, no-store").flags == NO_STORE | NO_CACHE | PRIVATE


def test_stale_extensions_are_numbers():
    said = cache_control(b"stale-while-revalidate=10, stale-if-error=20, max-age=1")
    assert (said.stale_while_revalidate, said.stale_if_error) == (10, 20)


def test_vary_names_are_in_one_order_and_once():
    assert vary_names(b",, Foo , accept-Encoding,foo ,") == (b"accept-encoding", b"foo")
    assert vary_names(None) == ()


def test_an_asterisk_among_them_is_all_of_it():
    assert vary_names(b"foo, *") == (b"*",)


@pytest.mark.parametrize(
    ("text", "bare"),
    [(b" a ", b"a"), (b"foo, bar", b"foo,bar"), (b"foo,,  ,bar , ", b"foo,bar"), (b"a b", b"a b")],
)
def test_space_around_commas_and_empty_members_do_not_matter(text, bare):
    assert without_space(text) == bare
