import crossplane
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkproxy.config.lexer import Kind, tokens
from forkproxy.config.load import load, load_text
from forkproxy.config.parser import Parser
from forkproxy.config.problems import Findings
from forkproxy.config.text import text_of
from forkproxy.config.tree import tree_of
from forkproxy.errors import ConfigError


def parsed(text):
    """Return the statements of a text, without their places."""
    parser = Parser(Findings(), "/nowhere")
    parser.read_text(text, "a.conf")
    assert parser.findings.problems() == ()
    return [bare(one) for one in tree_of(parser.files)["config"][0]["parsed"]]


def bare(statement):
    kept = {key: value for key, value in statement.items() if key in ("directive", "args")}
    if "block" in statement:
        kept["block"] = [bare(inner) for inner in statement["block"]]
    return kept


def payload(statements):
    return {"status": "ok", "errors": [], "config": [{"file": "a", "parsed": statements}]}


WORD = st.text(st.sampled_from("ab0/.*$^{}()[];#\"'\\ \t\r\nä\udc80~|?=-")).filter(
    lambda word: len(word) < 100
)
NAME = st.sampled_from(["location", "server", "a_b", "text/html", "", "~^(a{2})$", "include x"])
LINE = st.fixed_dictionaries({"directive": NAME, "args": st.lists(WORD, max_size=4)})
STATEMENTS = st.lists(
    st.recursive(
        LINE,
        lambda inner: st.fixed_dictionaries(
            {
                "directive": NAME,
                "args": st.lists(WORD, max_size=2),
                "block": st.lists(inner, max_size=3),
            }
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@settings(deadline=None)
@given(STATEMENTS)
def test_whatever_is_written_reads_back_the_same(statements):
    assert parsed(text_of(payload(statements))) == statements


CONDITIONS = ['($host = "a b")', "( $host )", "(!-f $uri)", "($a ~ '^/(x|y){2}$')", '($a = "")']


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_condition_of_an_if_gets_its_parentheses_back(condition):
    once = parsed(f"server {{ if {condition} {{ return 404; }} }}")
    assert parsed(text_of(payload(once))) == once


CONF = r"""
http {
    log_format x '$host "a"' 'b'; # a comment
    server { location ~ \.php$ { } location ~ "^/a{2}" { return 200 "x y"; } if ($host) { } }
}
events { }
"""


def test_crossplane_reads_of_the_text_what_it_read_of_the_file(tmp_path):
    (tmp_path / "a.conf").write_text(CONF)
    text = text_of(load(str(tmp_path / "a.conf")).payload())
    (tmp_path / "b.conf").write_text(text)
    once, again = (
        crossplane.parse(str(tmp_path / name))["config"][0]["parsed"]
        for name in ("a.conf", "b.conf")
    )
    assert [bare(one) for one in again] == [bare(one) for one in once]


def test_what_is_included_stands_in_the_place_of_the_include(tmp_path):
    (tmp_path / "one.conf").write_text("server { listen 81; }")
    (tmp_path / "two.conf").write_text("server { listen 82; }")
    (tmp_path / "main.conf").write_text("events {} http { include [ot]*.conf; server { } }")
    text = text_of(load(str(tmp_path / "main.conf")).payload())
    assert text == (
        "events { }\nhttp {\n    server {\n        listen 81;\n    }\n"
        "    server {\n        listen 82;\n    }\n    server { }\n}\n"
    )


def test_a_word_stays_bare_where_it_can():
    text = text_of(load_text(r"server { location ~ \.php$ { return 200 ${host}x; } }").payload())
    assert r"location ~ \.php$ {" in text
    assert "return 200 ${host}x;" in text


def test_octets_that_are_no_text_survive(tmp_path):
    (tmp_path / "a.conf").write_bytes(b"server { return 200 '\xff\xfe'; }")
    text = text_of(load(str(tmp_path / "a.conf")).payload())
    words = [token.text for token in tokens(text) if token.kind is Kind.WORD]
    assert words[-1].encode("utf-8", "surrogateescape") == b"\xff\xfe"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"config": []},
        {"config": [{"parsed": [{"directive": 1, "args": []}]}]},
        {"config": [{"parsed": ["x"]}]},
        {"config": [{"parsed": [{"includes": [7]}]}]},
        {"config": [{"parsed": [{"includes": [0]}]}]},
    ],
)
def test_what_is_no_payload_is_said_to_be_none(wrong):
    with pytest.raises(ConfigError):
        text_of(wrong)
