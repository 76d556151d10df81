import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.shared.keyval import Keyval


def table(kind, *keys):
    made = Keyval(kind)
    made.change({key: (key, 0.0) for key in keys})
    return made


def test_a_string_is_found_as_it_is():
    found = table("string", b"a", b"ab")
    assert found.look_up(b"ab", 0.0) == b"ab"
    assert found.look_up(b"abc", 0.0) is None


def test_the_longest_prefix_is_found():
    found = table("prefix", b"/a", b"/a/b", b"")
    assert found.look_up(b"/a/b/c", 0.0) == b"/a/b"
    assert found.look_up(b"/ax", 0.0) == b"/a"
    assert found.look_up(b"x", 0.0) == b""


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (b"10.1.2.3", b"10.1.0.0/16"),
        (b"10.2.2.3", b"10.0.0.0/8"),
        (b"10.1.2.9", b"10.1.2.9"),
        (b"11.0.0.1", None),
        (b"::ffff:10.2.0.1", b"10.0.0.0/8"),
        (b"2001:db8::1", b"2001:db8::/33"),
        (b"2001:db8:8000::1", None),
        (b"no address", None),
        (b"", None),
    ],
)
def test_an_address_is_found_in_the_smallest_network(address, network):
    found = table("ip", b"10.0.0.0/8", b"10.1.0.0/16", b"10.1.2.9", b"2001:db8::/33")
    assert found.look_up(address, 0.0) == network


@given(
    st.ip_addresses(v=4),
    st.lists(st.tuples(st.ip_addresses(v=4), st.integers(0, 32)), max_size=8),
)
def test_networks_contain_what_the_standard_library_says(address, given_networks):
    networks = {ipaddress.ip_network((host, bits), strict=False) for host, bits in given_networks}
    found = table("ip", *(str(network).encode() for network in networks)).look_up(
        str(address).encode(), 0.0
    )
    around = [network for network in networks if address in network]
    smallest = max(around, key=lambda network: network.prefixlen, default=None)
    assert found == (None if smallest is None else str(smallest).encode())


@pytest.mark.parametrize("key", [b"x", b"10.0.0.1/33", b"10.0.0.1/", b"10.0.0.1/x", b"::/129", b""])
def test_a_key_that_is_no_network_is_refused(key):
    with pytest.raises(ValueError, match="not an address"):
        Keyval("ip").check(key)


def test_what_has_had_its_time_is_not_found_and_a_wider_one_is():
    found = Keyval("prefix")
    found.change({b"/a": (b"wide", 0.0), b"/a/b": (b"narrow", 10.0)})
    assert found.look_up(b"/a/b", 9.9) == b"narrow"
    assert found.look_up(b"/a/b", 10.0) == b"wide"


def test_what_is_deleted_is_gone_and_may_come_again():
    found = table("ip", b"10.0.0.0/8", b"10.0.0.0/9")
    found.change({}, [b"10.0.0.0/9", b"none"])
    assert found.look_up(b"10.0.0.1", 0.0) == b"10.0.0.0/8"
    found.clear()
    assert found.look_up(b"10.0.0.1", 0.0) is None
    found.change({b"10.0.0.0/9": (b"again", 0.0)})
    assert found.look_up(b"10.0.0.1", 0.0) == b"again"
    assert len(found) == 1
