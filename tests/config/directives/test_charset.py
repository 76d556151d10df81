"""charset's directives."""

from tests.support.configuration import errors, level


def test_a_name_may_have_variables_and_off_is_none():
    assert level("http", "charset utf-8;").value("charset") == ("utf-8",)
    assert len(level("http", "charset $arg_a;").value("charset")) == 1
    assert level("http", "charset off;").value("charset") is None
    assert level("http", "").value("charset") is None


def test_html_is_always_among_the_types():
    made = level("http", "charset_types text/css;")
    assert made.value("charset_types") == ("text/html", "text/css")


def test_nothing_is_converted_and_who_asks_for_it_is_told():
    assert errors("http", "source_charset koi8-r;") != []
