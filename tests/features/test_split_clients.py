"""split_clients: parts drawn by a hash."""

import pytest

from forkproxy.features.split_clients import hash_of
from tests.support.client import Client
from tests.support.inside import Inside


@pytest.mark.parametrize(
    ("text", "value"),
    [(b"", 0), (b"a", 0x92685F5E), (b"abcd", 0x26873021), (b"abcdefg", 0xF9A1CEF3)],
)
def test_the_hash_is_murmur_2(text, value):
    assert hash_of(text) == value


def test_parts_have_their_share():
    conf = "split_clients $arg_k $part { 25% a; 0.01% none; * b; }"
    with Inside("return 200 $part;", http=conf) as server, Client(server.address) as client:
        found = [client.get(b"/?k=%d" % number).body for number in range(400)]
    assert 60 < found.count(b"a") < 140
    assert set(found) <= {b"a", b"b", b"none"}


def test_without_a_rest_the_value_is_empty():
    conf = "split_clients $arg_k $part { 0.01% a; }"
    with Inside('return 200 "[$part]";', http=conf) as server, Client(server.address) as client:
        assert client.get(b"/?k=x").body == b"[]"
