from tests.support.configuration import errors, level


def test_paths_and_off():
    found = level("http", "mirror /a; mirror /b;").own("mirror")
    assert [line.value for line in found] == ["/a", "/b"]
    assert level("http", "mirror off;").own("mirror")[0].value is None


def test_off_stands_alone():
    assert errors("http", "mirror /a; mirror off;") == ['"mirror" directive is duplicate']
    assert len(errors("http", "mirror off; mirror /a;")) == 1
