from tests.support.configuration import errors


def test_its_directives():
    text = "autoindex on; autoindex_format JSON; autoindex_exact_size off; autoindex_localtime on;"
    assert errors("location", text) == []
    assert errors("http", "autoindex_format csv;") == ['invalid value "csv"']
