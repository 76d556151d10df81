from tests.support.configuration import errors, level


def test_html_is_always_among_the_types():
    assert level("http", "ssi_types text/XML;").own("ssi_types")[0].value == {
        "text/html",
        "text/xml",
    }


def test_a_flag():
    assert errors("http", "ssi maybe;") != []
