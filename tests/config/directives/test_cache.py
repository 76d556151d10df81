"""proxy_cache and its family: what may be written."""

import pytest

from tests.support.configuration import errors, level


def zone(text):
    (line,) = level("http", f"proxy_cache_path /c {text};").own("proxy_cache_path")
    return line.value


def test_a_zone_has_a_folder_a_name_and_sizes():
    found = zone("keys_zone=one:10m max_size=1g inactive=1h min_free=1m levels=1:2")
    assert (found.path, found.name, found.keys_size) == ("/c", "one", 10 << 20)
    assert (found.max_size, found.inactive, found.min_free) == (1 << 30, 3600.0, 1 << 20)
    assert found.map_size > found.max_size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_size=1g", '"proxy_cache_path" must have "keys_zone" parameter'),
        ("keys_zone=one", 'invalid keys_zone value "keys_zone=one"'),
        ("keys_zone=one:1", 'invalid keys_zone value "keys_zone=one:1"'),
        ("keys_zone=one:1m levels=3", 'invalid levels value "levels=3"'),
        ("keys_zone=one:1m inactive=x", 'invalid inactive value "inactive=x"'),
        ("keys_zone=one:1m nonsense=1", 'invalid parameter "nonsense=1"'),
    ],
)
def test_what_a_zone_may_not_be(text, message):
    assert errors("http", f"proxy_cache_path /c {text};") == [message]


def test_two_zones_share_neither_name_nor_folder():
    one = "proxy_cache_path /c keys_zone=one:1m;"
    assert errors("http", one + "proxy_cache_path /d keys_zone=one:1m;") == ['duplicate zone "one"']
    assert errors("http", one + "proxy_cache_path /c keys_zone=two:1m;") != []


def test_valid_is_for_some_statuses_by_default():
    found = level("location", "proxy_cache_valid 1m; proxy_cache_valid 404 any 2s;")
    values = [line.value for line in found.lines("proxy_cache_valid")]
    assert [(value.statuses, value.seconds) for value in values] == [
        ((200, 301, 302), 60.0),
        ((404, 0), 2.0),
    ]


@pytest.mark.parametrize("text", ["x 1m", "99 1m", "600 1m"])
def test_a_status_is_one(text):
    assert errors("location", f"proxy_cache_valid {text};")[0].startswith("invalid status")


def test_the_rfc_rules_under_the_modern_profile():
    assert not level("location", "").value("proxy_cache_rfc")
