import crossplane
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.config.lexer import LONGEST, Kind, quote, tokens


def lexed(text):
    """Return the tokens as short as they read: words, marks, complaints."""
    return [
        f"!{token.text}" if token.kind is Kind.WRONG else token.text
        for token in tokens(text)
        if token.kind not in (Kind.EOF, Kind.COMMENT)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("listen 80;", ["listen", "80", ";"]),
        ("a\tb\r\nc\n;", ["a", "b", "c", ";"]),
        ("location =/x{", ["location", "=/x", "{"]),
        ("location ~^/x {", ["location", "~^/x", "{"]),
        ("location ^~/x {", ["location", "^~/x", "{"]),
        ("location /a{}", ["location", "/a", "{", "}"]),
        ('a "b c" d;', ["a", "b c", "d", ";"]),
        ("a 'b \"c\" d';", ["a", 'b "c" d', ";"]),
        ('a b"c";', ["a", 'b"c"', ";"]),
        ("a b#c;", ["a", "b#c", ";"]),
        ("a b}c;", ["a", "b}c", ";"]),
        ("a ${b}c;", ["a", "${b}c", ";"]),
        ("a ${{b;", ["a", "${{b", ";"]),
        ("a x${b}{", ["a", "x${b}", "{"]),
        ("a '' \"\";", ["a", "", "", ";"]),
        ('if ($a = "b") {', ["if", "($a", "=", "b", ")", "{"]),
        ('"a";', ["a", ";"]),
        ("", []),
        ("  \n\t", []),
    ],
)
def test_words_and_marks(text, expected):
    assert lexed(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (r"a\ b", r"a\ b"),
        (r"a\;b", r"a\;b"),
        (r"a\{b", r"a\{b"),
        (r"a\"b", 'a"b'),
        (r"a\'b", "a'b"),
        (r"a\\b", r"a\b"),
        (r"a\tb\nc\rd", "a\tb\nc\rd"),
        (r"a\.b\d", r"a\.b\d"),
        (r'"a\"b"', 'a"b'),
        (r"'a\'b'", "a'b"),
        (r'"a\\"', "a\\"),
        (r'"a\.b"', r"a\.b"),
        ("a\\\nb", "a\\\nb"),
    ],
)
def test_a_backslash_hides_the_next_character_and_stays_where_it_means_nothing(text, word):
    assert lexed(text + ";") == [word, ";"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('"a"b;', '!unexpected "b"'),
        ("'a'b;", '!unexpected "b"'),
        ('"a"#b', '!unexpected "#"'),
        ('"a"}', '!unexpected "}"'),
        ("'a'\"b\";", '!unexpected """'),
    ],
)
def test_what_follows_a_closing_quote_must_separate(text, complaint):
    assert complaint in lexed(text)


def test_lexing_goes_on_behind_a_complaint():
    assert lexed('"a"b c;') == ["a", '!unexpected "b"', "b", "c", ";"]


@pytest.mark.parametrize("text", ['a "b', "a 'b;", 'a "b\\"', "a \\"])
def test_a_quote_or_a_backslash_at_the_end_is_unfinished(text):
    assert lexed(text)[-1] == '!unexpected end of file, expecting ";" or "}"'


def test_a_comment_starts_where_a_word_could_and_ends_with_its_line():
    assert lexed('# a "b {\nc #d\n;') == ["c", ";"]
    assert [token.text for token in tokens("#a\n# b") if token.kind is Kind.COMMENT] == ["a", " b"]


def test_a_token_knows_its_line_and_column():
    places = [(token.text, token.line, token.column) for token in tokens('a\n  "b\nc" d;')]
    assert places == [("a", 1, 1), ("b\nc", 2, 3), ("d", 3, 4), (";", 3, 5), ("", 3, 6)]


def test_a_token_knows_whether_it_was_quoted_and_how_wide_it_is():
    first, second, *_ = tokens('ab "c d"')
    assert (first.quoted, first.width) == (False, 2)
    assert (second.quoted, second.width) == (True, 5)


def test_a_word_must_fit_into_the_buffer_of_nginx():
    fits = "a" * (LONGEST - 1)
    assert lexed(f"{fits};") == [fits, ";"]
    assert lexed(f"{fits}a;")[0] == '!too long parameter "aaaaaaaaaa..." started'
    assert lexed(f'"{fits[1:]}";') == [fits[1:], ";"]
    assert lexed(f'"{fits}";')[0] == '!too long parameter "aaaaaaaaaa..." started'


def test_a_block_of_lua_is_skipped():
    lua = """ -- it's a } comment
        local t = { a = "x;}{", 'y', [[ } ]] } --[[ } ]] """
    assert lexed(f"a; content_by_lua_block {{{lua}}} b {{ }}") == [
        "a",
        ";",
        "content_by_lua_block",
        "{",
        "}",
        "b",
        "{",
        "}",
    ]
    assert lexed("x_by_lua_block { { }") == ["x_by_lua_block", "{"]


def test_the_length_of_a_word_counts_octets():
    assert lexed("ä" * (LONGEST // 2) + ";")[0].startswith("!too long parameter")


def test_a_quote_that_is_long_lost_is_named_where_it_opened():
    (_, wrong, _) = tokens('a\n "' + "b " * LONGEST)
    assert wrong.text == 'too long parameter, probably missing terminating """ character'
    assert (wrong.line, wrong.column) == (2, 2)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=8))
def test_a_word_that_is_quoted_reads_back(words):
    text = " ".join(quote(word) for word in words) + ";"
    assert lexed(text) == [*words, ";"]


@given(st.text("ab \t\n;{}#\"'\\$()", max_size=40))
def test_any_text_lexes_and_no_token_is_out_of_its_line(text):
    lines = text.split("\n")
    for token in tokens(text):
        assert 1 <= token.line <= len(lines)
        assert 1 <= token.column <= len(lines[token.line - 1]) + 1


# crossplane does not unescape as nginx does, and lets words and quotes touch: the texts
# here have neither.
@given(st.lists(st.text("ab$/~^.*=-_", min_size=1, max_size=6), min_size=1, max_size=8), st.data())
def test_crossplane_sees_the_same_words(words, data):
    parts = [data.draw(st.sampled_from([word, f'"{word} x"', f"'{word};'"])) for word in words]
    text = " ".join(parts) + ";\n"
    theirs = [
        token
        for token, _, _ in crossplane.lexer._balance_braces(
            crossplane.lexer._lex_file_object(iter(text))
        )
    ]
    assert lexed(text) == theirs
