"""The table of variables: names, and families of names."""

from forkproxy.core import known, variables


def test_every_name_is_found_under_itself():
    assert all(variables.find(name).name == name for name in known.names())


def test_a_family_has_every_name_that_begins_with_its_prefix():
    assert variables.find("http_x_any").name == "http_x_any"
    assert {"http_", "arg_", "cookie_"} <= known.prefixes()


def test_a_longer_prefix_goes_before_a_shorter_one():
    assert type(variables.find("upstream_http_x")) is not type(variables.find("http_x"))


def test_a_name_that_nobody_knows_is_none():
    assert variables.find("nobody_knows") is None
