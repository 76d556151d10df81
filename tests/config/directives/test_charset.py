"""charset's directives."""

from tests.support.configuration import errors, level


def test_a_name_may_have_variables_and_off_is_none():
    assert level("http", "charset utf-8;").value("charset") == ("utf-8",)
    assert len(level("http", "charset $arg_a;").value("charset")) == 1
    assert level("http", "charset off;").value("charset") is None
    assert level("http", "").value("charset") is None


def test_a_name_has_no_captures():
    assert errors("location", "charset $1;") == ['unknown "1" variable']


def test_html_is_always_among_the_types():
    made = level("http", "charset_types text/css;")
    assert made.value("charset_types") == {"text/html", "text/css"}


def test_a_table_has_octets_for_octets():
    (line,) = level("http", "charset_map Koi8-R utf-8 { C0 D18E; 9 20; }").own("charset_map")
    assert (line.value.source, line.value.target) == ("koi8-r", "utf-8")
    assert line.value.pairs == ((0xC0, b"\xd1\x8e"), (9, b" "))


def test_a_table_that_is_wrong_is_refused():
    assert errors("http", "charset_map a b { 1 22C2; }") == ['invalid value "22C2"']
    assert errors("http", "charset_map a b { 100 2; }") == ['invalid value "100"']
