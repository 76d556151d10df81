import socket

import pytest

from forkproxy.config.directives.server import NameKind, PathKind
from tests.support.configuration import errors, level


def names(text):
    (line,) = level("server", f"server_name {text};").own("server_name")
    return [(name.kind, name.text, name.name, name.also_bare) for name in line.value]


def location(heading):
    (found,) = level("server", f"location {heading} {{ }}").blocks("location")
    return found.subject


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A.b", (NameKind.EXACT, "a.b", "a.b", False)),
        ('""', (NameKind.EXACT, "", "", False)),
        ("*.a.b", (NameKind.SUFFIX, "*.a.b", "a.b", False)),
        (".a.b", (NameKind.SUFFIX, ".a.b", "a.b", True)),
        ("www.a.*", (NameKind.PREFIX, "www.a.*", "www.a", False)),
        ("_", (NameKind.EXACT, "_", "_", False)),
    ],
)
def test_the_forms_of_a_name(text, expected):
    assert names(text) == [expected]


def test_the_name_of_the_machine():
    assert names("$hostname")[0][1] == socket.gethostname().lower()


def test_a_regex_has_case_only_if_it_has_no_upper_case():
    (line,) = level("server", r"server_name ~^a\.b$ ~^C$;").own("server_name")
    lower, upper = line.value
    assert lower.kind is NameKind.REGEX
    assert lower.text == r"~^a\.b$"
    assert lower.pattern.search(b"a.b")
    assert upper.pattern.search(b"c")


@pytest.mark.parametrize("text", ["*a", "*", ".", "a.*.b", "*.a.*", "a..b", "*."])
def test_a_wildcard_stands_for_whole_labels_at_an_end(text):
    (message,) = errors("server", f"server_name {text};")
    assert "invalid" in message


def test_lines_of_names_add_up():
    found = level("server", "server_name a; server_name b;").lines("server_name")
    assert [name.text for line in found for name in line.value] == ["a", "b"]


@pytest.mark.parametrize(
    ("heading", "kind", "path"),
    [
        ("/a", PathKind.PREFIX, "/a"),
        ("= /a", PathKind.EXACT, "/a"),
        ("=/a", PathKind.EXACT, "/a"),
        ("^~ /a", PathKind.PREFIX_FINAL, "/a"),
        ("^~/a", PathKind.PREFIX_FINAL, "/a"),
        ("~ ^/a$", PathKind.REGEX, "^/a$"),
        ("~^/a$", PathKind.REGEX, "^/a$"),
        ("~*^/a$", PathKind.REGEX, "^/a$"),
        ("@a", PathKind.NAMED, "@a"),
        ('"/a b"', PathKind.PREFIX, "/a b"),
    ],
)
def test_the_five_kinds_of_location(heading, kind, path):
    found = location(heading)
    assert (found.kind, found.path) == (kind, path)


def test_a_regex_of_a_location_may_ignore_case():
    assert location(r"~* \.PHP$").pattern.search(b"/a.php")
    assert location(r"~* \.PHP$").ignore_case
    assert not location(r"~ \.PHP$").pattern.search(b"/a.php")


@pytest.mark.parametrize(
    ("outer", "inner", "message"),
    [
        ("= /a", "/a", 'location "/a" cannot be inside the exact location "/a"'),
        ("@a", "/a", 'location "/a" cannot be inside the named location "@a"'),
        ("/a", "@b", 'named location "@b" can be on the server level only'),
        ("/a", "/b", 'location "/b" is outside location "/a"'),
    ],
)
def test_what_may_not_be_nested(outer, inner, message):
    assert errors("server", f"location {outer} {{ location {inner} {{ }} }}") == [message]


@pytest.mark.parametrize("inner", ["/a/b", "= /a/b", "^~ /a/b", "~ x", "/a"])
def test_what_may_be_nested(inner):
    assert errors("server", f"location /a {{ location {inner} {{ }} }}") == []
