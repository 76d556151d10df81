import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.config.regex import RegexError, capture_names, compile_pattern


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        (r"^/a/(.*)$", b"/a/b", {1: b"b"}),
        (r"(?<n>a+)b", b"aab", {"n": b"aa"}),
        (r"(?'n'a+)b", b"aab", {"n": b"aa"}),
        (r"(?P<n>a)(?P=n)", b"aa", {"n": b"a"}),
        (r"(?<n>a)\k<n>", b"aa", {"n": b"a"}),
        (r"(?<n>a)\k{n}\k'n'", b"aaa", {"n": b"a"}),
        (r"(a)\g{1}\g1", b"aaa", {1: b"a"}),
        (r"^\h+\H$", b" \tx", {}),
        (r"a\z", b"a", {}),
        (r"a\Z", b"a\n", {}),
        (r"^\Qa.b\E$", b"a.b", {}),
        (r"^\Qa.b", b"a.b", {}),
        (r"^[[:alpha:]_]+[[:digit:]]$", b"ab_1", {}),
        (r"^[]a]+$", b"a]", {}),
        (r"^[^]a]+$", b"b", {}),
        (r"^[[&&~~|]+$", b"[&~|", {}),
        (r"^\x{41}\x42\x1$", b"AB\x01", {}),
        (r"^a\R$", b"a\r\n", {}),
        (r"^\N$", b"x", {}),
        (r"^a++b$", b"aab", {}),
        (r"^(?>a+)b$", b"aab", {}),
        (r"^(?i)abc$"[1:], b"ABC", {}),
        (r"^(?i:a)b$", b"Ab", {}),
        (r"^(a)?(?(1)b|c)$", b"c", {1: None}),
        (r"^(?<n>a)?(?(<n>)b|c)$", b"ab", {"n": b"a"}),
        (r"^x{,3}$", b"x{,3}", {}),
        (r"^x{2}$", b"xx", {}),
        (r"^a(?#note)b$", b"ab", {}),
        (r"^(?=a)a(?!c)b(?<=b)(?<!a)$", b"ab", {}),
        ("^ä$", "ä".encode(), {}),
    ],
)
def test_what_pcre_matches_we_match(pattern, text, groups):
    found = compile_pattern(pattern).search(text)
    assert found is not None
    for group, value in groups.items():
        assert found[group] == value


def test_case_can_be_ignored():
    assert compile_pattern("a", ignore_case=True).search(b"A")
    assert not compile_pattern("a").search(b"A")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", 'pcre2_compile() failed: missing closing parenthesis in "("'),
        (
            "*a",
            'pcre2_compile() failed: quantifier does not follow a repeatable item in "*a" at "*a"',
        ),
        ("a)", 'pcre2_compile() failed: unmatched closing parenthesis in "a)" at ")"'),
        ("[a", 'pcre2_compile() failed: missing terminating ] for character class in "[a"'),
        ("[b-a]", 'pcre2_compile() failed: range out of order in character class in "[b-a]"'),
        ("a{2,1}", 'pcre2_compile() failed: numbers out of order in {} quantifier in "a{2,1}"'),
        ("[[:foo:]]", 'pcre2_compile() failed: unknown POSIX class name in "[[:foo:]]"'),
    ],
)
def test_a_bad_pattern_is_refused_in_nginxs_words(pattern, reason):
    with pytest.raises(RegexError) as caught:
        compile_pattern(pattern)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    "pattern",
    [
        r"a\Kb",
        r"\Ga",
        r"\p{Han}",
        r"(?R)",
        r"(?1)",
        r"(?&n)",
        r"(?|a|b)",
        r"(*UTF8)a",
        r"a(?i)b",
        r"(?U)a+",
        r"[[:^alpha:]]",
    ],
)
def test_what_only_pcre_can_do_is_refused_by_name(pattern):
    with pytest.raises(RegexError, match="is not supported"):
        compile_pattern(pattern)


def test_the_names_of_groups_come_in_their_order():
    assert capture_names(compile_pattern("(?<b>1)(2)(?<a>3)")) == ("b", "a")


@given(st.text("ab()[]{}?<>*+|\\^$.,:=!-dzhRQEK1'P&~", max_size=15))
def test_any_text_compiles_or_is_refused_as_an_error(text):
    with contextlib.suppress(RegexError):
        compile_pattern(text)


@given(st.text(max_size=10))
def test_quoted_text_matches_itself(text):
    if "\\E" not in text and not text.endswith("\\"):
        assert compile_pattern(rf"\A\Q{text}\E\z").search(text.encode())


def test_properties_are_those_of_latin_1():
    found = compile_pattern(r"^\p{Lu}[\pN\P{L}]\P{N}$")
    assert found.search(b"A1x")
    assert found.search(b"\xc4\xb2x")
    assert not found.search(b"a1x")
    assert not found.search(b"AxX")


def test_an_option_may_be_off_for_the_whole():
    found = compile_pattern("(?-i)a", ignore_case=True)
    assert found.search(b"a")
    assert not found.search(b"A")
