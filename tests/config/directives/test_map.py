from forkproxy.config.directives.map import MapEntry
from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def map_of(lines, heading="$host $a"):
    (line,) = level("http", f"map {heading} {{ {lines} }}").own("map")
    return line.value


def test_texts_in_lower_case_and_a_default():
    found = map_of('default D; "" E; A $uri;')
    assert (found.source, found.variable, found.default) == ((Var("host"),), "a", ("D",))
    assert found.entries == (MapEntry("", ("E",)), MapEntry("a", (Var("uri"),)))


def test_without_a_default_it_is_empty():
    assert map_of("a b;").default == ()


def test_patterns_have_captures():
    (first, second) = map_of("~^x(?<rest>.*)$ R-$rest; ~*^Y $1;").entries
    assert first.pattern.search(b"xy")["rest"] == b"y"
    assert first.value == ("R-", Var("rest"))
    assert second.pattern.search(b"y")


def test_hostnames_and_volatile_are_marks():
    found = map_of("hostnames; volatile; *.a x; hostnames y;")
    assert found.hostnames
    assert found.volatile
    assert [entry.text for entry in found.entries] == ["*.a", "hostnames"]


def test_a_backslash_takes_the_meaning_away():
    found = map_of(r"\\default x; \\~a y;")
    assert [(entry.text, entry.pattern) for entry in found.entries] == [
        ("default", None),
        ("~a", None),
    ]
    assert found.default == ()


def test_values_may_come_from_another_file(tmp_path):
    (tmp_path / "x.map").write_text("a b;")
    text = "map $host $a { include x.map; c d; }"
    (line,) = level("http", text, prefix=str(tmp_path)).own("map")
    assert [entry.text for entry in line.value.entries] == ["a", "c"]


def test_what_nginx_refuses():
    for lines, message in (
        ("default a; default b;", "duplicate default map parameter"),
        ("a b; A c;", 'conflicting parameter "A"'),
        ("a;", "invalid number of the map parameters"),
        ("a b c;", "invalid number of the map parameters"),
        ("a { }", 'unexpected "{"'),
    ):
        assert errors("http", f"map $host $a {{ {lines} }}") == [message]


def test_a_map_makes_no_variable_that_nginx_computes():
    assert errors("http", "map $host $uri { }") == ['the duplicate "uri" variable']
