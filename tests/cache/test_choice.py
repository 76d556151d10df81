"""What an order means, among the keys of a store."""

import pytest

from forkproxy.cache import choice
from forkproxy.cache.shelf import Shelf
from forkproxy.shared import store
from tests.support.caching import answers, caching, fresh

KEYS = (
    b"httpexample.com/a",
    b"httpsGETexample.com/b",
    b"https://example.com:8443/c",
    b"example.com",
    b"example.com?x",
    b"httpexample.community/",
    b"httpwww.example.com/",
    b"/example.com/",
)


@pytest.fixture
def shelf(tmp_path):
    with caching(answers(fresh()), http="proxy_cache_key $uri;") as server:
        server.ask()
        server.settle()
        with server.zone.store.reading() as tables:
            octets = bytes(tables.entries.get(b"/"))
    with store.open_cache(tmp_path, 16 * 1024 * 1024) as opened, opened.writing() as tables:
        made = Shelf(tables)
        for key in KEYS:
            made.put(key, octets)
        yield made


@pytest.mark.parametrize("name", [b"example.com", b"EXAMPLE.com"])
def test_a_host_is_found_behind_a_scheme_and_a_method_and_nowhere_else(shelf, name):
    assert sorted(choice.of_host(name)(shelf)) == sorted(KEYS[:5])


def test_a_host_may_have_a_port(shelf):
    assert choice.of_host(b"example.com:8443")(shelf) == [b"https://example.com:8443/c"]


def test_a_key_is_one_a_prefix_some_and_all_are_all(shelf):
    assert choice.of_key(b"example.com")(shelf) == [b"example.com"]
    assert choice.of_prefix(b"https")(shelf) == [KEYS[2], KEYS[1]]
    assert choice.of_all()(shelf) == sorted(KEYS)
