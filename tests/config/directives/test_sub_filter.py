"""sub_filter's directives."""

from tests.support.configuration import errors, level


def test_a_text_and_what_is_put_in_its_place_may_have_variables():
    (one, other) = level("http", "sub_filter a b; sub_filter c$uri d$args;").own("sub_filter")
    assert one.value == (("a",), ("b",))
    assert len(other.value) == 2


def test_an_empty_text_is_nowhere():
    assert errors("http", "sub_filter '' x;") == ["empty search pattern"]


def test_lines_of_an_inner_level_replace_all_of_the_outer():
    outer = "sub_filter a b; server { sub_filter c d; }"
    (server,) = level("http", outer).blocks("server")
    assert len(server.lines("sub_filter")) == 1


def test_the_defaults_are_those_of_nginx():
    made = level("http", "")
    assert made.value("sub_filter_once") is True
    assert made.value("sub_filter_types") == {"text/html"}
    assert made.value("sub_filter_last_modified") is False
