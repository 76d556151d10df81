import pytest

from tests.support.configuration import errors, hints


def test_an_upstream_in_a_zone_gives_its_size_or_another_does():
    one = "upstream a { zone z; server 127.0.0.1; }"
    assert errors("http", one) == ['zero size shared memory zone "z"']
    assert errors("http", one + "upstream b { zone z 64k; server 127.0.0.1; }") == []


@pytest.mark.parametrize("family", ["proxy", "fastcgi", "scgi", "uwsgi"])
def test_a_cache_is_one_that_there_is(family):
    server = f"server {{ location / {{ {family}_cache one; }} }}"
    assert errors("http", server) == [f'"{family}_cache" zone "one" is unknown']
    assert hints("http", server) == [f"{family}_cache_path /var/cache/one keys_zone=one:10m;"]
    assert errors("http", "proxy_cache_path c keys_zone=one:1m;" + server) == []


@pytest.mark.parametrize("name", ["off", "$host", "a$host"])
def test_a_cache_whose_name_is_found_by_each_request_is_not_looked_for(name):
    assert errors("location", f"proxy_cache {name};") == []


def test_a_zone_that_a_limit_names_is_one_that_there_is():
    assert errors("location", "limit_conn one 1;") == ['zero size shared memory zone "one"']


def test_a_zone_that_a_keyval_names_is_one_that_there_is():
    assert errors("http", "keyval $host $one zone=one;") == ['zero size shared memory zone "one"']


def test_a_zone_that_is_missing_is_said_after_all_else():
    text = "limit_req zone=one; access_log x.log none;"
    assert errors("http", text) == [
        'unknown log format "none"',
        'zero size shared memory zone "one"',
    ]
