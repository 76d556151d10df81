"""add_before_body, add_after_body, addition_types."""

from tests.support.configuration import errors, level


def test_an_inner_level_may_say_none():
    outer = level("http", "add_after_body /x; server { add_after_body ''; }")
    (server,) = outer.blocks("server")
    assert outer.value("add_after_body") == "/x"
    assert server.value("add_after_body") == ""


def test_html_is_always_among_the_types():
    assert level("http", "addition_types text/css;").value("addition_types") == {
        "text/html",
        "text/css",
    }


def test_one_path_each():
    assert errors("http", "add_before_body /a /b;") != []
