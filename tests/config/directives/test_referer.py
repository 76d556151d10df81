import pytest

from tests.support.configuration import errors, level


def test_words_names_paths_and_patterns():
    (line,) = level("server", "valid_referers none a.b/c ~^x;").own("valid_referers")
    word, name, pattern = line.value
    assert word.word == "none"
    assert (name.name, name.path) == ("a.b", "/c")
    assert pattern.pattern.search(b"XY")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a*b", 'invalid hostname or wildcard "a*b"'),
        ("a..b", 'invalid hostname or wildcard "a..b"'),
        ("http://a", 'invalid referer "http://a"'),
        ("~", 'empty regex in "~"'),
    ],
)
def test_what_is_wrong(text, message):
    assert errors("server", f"valid_referers {text};") == [message]
