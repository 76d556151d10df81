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


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a.com A.com", "A.com"),
        ("a.com a.com/x", "a.com"),
        (".a.com a.com", "a.com"),
        ("a.com .a.com", ".a.com"),
        ("*.a.com .a.com/x", ".a.com"),
        ("www.a.* www.a.*", "www.a.*"),
        ("a.com; valid_referers b.com a.com", "a.com"),
    ],
)
def test_no_name_stands_for_what_another_stands_for(text, wrong):
    assert errors("server", f"valid_referers {text};") == [f'conflicting parameter "{wrong}"']


@pytest.mark.parametrize("text", ["a.com *.a.com", "server_names server_names", "none none b.com"])
def test_names_beside_each_other(text):
    assert errors("server", f"valid_referers {text};") == []


@pytest.mark.parametrize("text", ["none", "blocked", "none ~x"])
def test_requests_that_name_no_page_are_not_all_that_may_come(text):
    (message,) = errors("server", f"valid_referers {text};")
    assert message.endswith("without any valid referer")
