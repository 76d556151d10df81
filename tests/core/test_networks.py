"""Networks as spans of numbers, and whom a chain of proxies speaks for."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.core.networks import Networks, Spans, forwarded, split_port

PREFIXES = st.tuples(st.integers(0, 255), st.integers(0, 8))


def test_the_innermost_span_counts():
    spans = Spans([(0, 99, "a"), (10, 19, "b"), (10, 10, "c"), (15, 19, "d")], "none")
    assert [spans[at] for at in (0, 9, 10, 11, 15, 19, 20, 99, 100)] == [*"aacbddaa", "none"]


@given(st.dictionaries(PREFIXES, st.integers(), max_size=12))
def test_the_longest_prefix_wins(prefixes):
    networks = {}
    for (octet, bits), value in prefixes.items():
        networks[ip_network((octet << 24, bits), strict=False)] = value
    spans = Spans([(int(n[0]), int(n[-1]), v) for n, v in networks.items()])
    for octet in range(256):
        address = ip_address(octet << 24)
        fitting = [network for network in networks if address in network]
        best = max(fitting, key=lambda network: network.prefixlen, default=None)
        assert spans[int(address)] == networks.get(best)


def test_a_set_of_networks_of_both_versions():
    networks = Networks([ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")])
    inside = [b"10.1.2.3", b"::ffff:10.0.0.1", b"2001:db8::1"]
    outside = [b"11.0.0.0", b"2001:db9::", b"unix:", b"x", b""]
    assert all(address in networks for address in inside)
    assert not any(address in networks for address in outside)


def test_unix_sockets_may_be_among_them():
    assert b"unix:" in Networks([], True)


TRUSTED = Networks([ip_network("10.0.0.0/8")])


@pytest.mark.parametrize(
    ("address", "lines", "recursive", "found"),
    [
        (b"10.0.0.1", [b"1.1.1.1"], False, (b"1.1.1.1", 0)),
        (b"10.0.0.1", [b"1.1.1.1, 2.2.2.2"], False, (b"2.2.2.2", 0)),
        (b"10.0.0.1", [b"1.1.1.1, 10.0.0.2"], True, (b"1.1.1.1", 0)),
        (b"10.0.0.1", [b"1.1.1.1", b"10.0.0.2"], True, (b"1.1.1.1", 0)),
        (b"10.0.0.1", [b"1.1.1.1, 2.2.2.2, 10.0.0.2"], True, (b"2.2.2.2", 0)),
        (b"10.0.0.1", [b"10.0.0.3, 10.0.0.2"], True, (b"10.0.0.3", 0)),
        (b"10.0.0.1", [b"1.1.1.1:80"], False, (b"1.1.1.1", 80)),
        (b"10.0.0.1", [b"x, 10.0.0.2"], True, (b"10.0.0.2", 0)),
        (b"10.0.0.1", [b"x"], False, None),
        (b"9.9.9.9", [b"1.1.1.1"], False, None),
    ],
)
def test_whom_a_chain_speaks_for(address, lines, recursive, found):
    assert forwarded(address, lines, TRUSTED, recursive) == found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"1.2.3.4", (b"1.2.3.4", 0)),
        (b"1.2.3.4:5", (b"1.2.3.4", 5)),
        (b"::1", (b"::1", 0)),
        (b"[::1]:5", (b"::1", 5)),
        (b"unix:", (b"unix:", 0)),
        (b"1.2.3.4:x", None),
        (b"[::1", None),
        (b"host", None),
        (b"", None),
    ],
)
def test_an_address_with_a_port(text, parts):
    assert split_port(text) == parts
