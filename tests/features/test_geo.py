"""geo: a variable by an address."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside


def where(lines, address, *fields, source="$arg_a "):
    conf = f"geo {source}$where {{ {lines} }}"
    with Inside('location / { return 200 "$where"; }', http=conf) as server:
        return get(server.address, b"/?a=" + address, *fields).body


NETS = "default world; 10.0.0.0/8 ten; 10.1.0.0/16 one; 2001:db8::/32 lab; 255.255.255.255 none;"


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (b"10.0.0.1", b"ten"),
        (b"10.1.255.255", b"one"),
        (b"11.0.0.0", b"world"),
        (b"2001:db8::5", b"lab"),
        (b"2001:db9::5", b"world"),
        (b"::ffff:10.0.0.1", b"ten"),
        (b"unix:", b"none"),
        (b"nonsense", b"none"),
    ],
)
def test_the_narrowest_network_counts(address, value):
    assert where(NETS, address) == value


def test_without_a_default_the_value_is_empty():
    assert where("10.0.0.0/8 ten;", b"1.2.3.4") == b""


def test_a_network_can_be_deleted():
    assert where("default d; 10.0.0.0/8 ten; delete 10.0.0.0/8;", b"10.0.0.1") == b"d"


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (b"10.0.0.5", b"a"),
        (b"10.0.0.10", b"b"),
        (b"10.0.0.12", b"a"),
        (b"10.0.0.30", b"d"),
        (b"10.0.0.15", b"d"),
        (b"::1", b"d"),
    ],
)
def test_ranges(address, value):
    lines = (
        "ranges; default d; 10.0.0.0-10.0.0.20 a; 10.0.0.10-10.0.0.11 b;delete 10.0.0.15-10.0.0.16;"
    )
    assert where(lines, address) == value


def test_without_a_source_it_is_the_client():
    assert where("127.0.0.0/8 here;", b"", source="") == b"here"


def test_proxies_are_believed():
    lines = "proxy 127.0.0.1; proxy_recursive; 10.0.0.0/8 ten; 127.0.0.0/8 here;"
    forwarded = b"X-Forwarded-For: 10.0.0.1, 127.0.0.1"
    assert where(lines, b"", forwarded, source="") == b"ten"
