from tests.support.configuration import errors, level


def value(text):
    (line,) = level("http", text).own(text.split()[0])
    return line.value


def test_a_dot_in_front_of_a_domain_means_nothing():
    found = value("proxy_cookie_domain .a.com .b.com;")
    assert (found.source, found.replacement) == (("a.com",), ("b.com",))


def test_patterns_of_domains_have_no_case_and_those_of_paths_do():
    assert value("proxy_cookie_domain ~^a b;").pattern.search(b"A")
    assert not value("proxy_cookie_path ~^a b;").pattern.search(b"A")
    assert value("proxy_cookie_path ~*^a b;").pattern.search(b"A")


def test_off_is_none():
    assert value("proxy_cookie_flags off;") is None
    assert value("proxy_cookie_path off;") is None


def test_what_is_wrong():
    assert errors("http", "proxy_cookie_path x;") == ['invalid parameter "x"']
    assert errors("http", "proxy_cookie_flags a fast;") == ['invalid parameter "fast"']
