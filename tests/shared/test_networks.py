"""The first rule that fits decides, and is found by bisection."""

import ipaddress
import random

import pytest

from forkproxy.shared.networks import Networks


def networks(*texts):
    rules = [(ipaddress.ip_network(text) if text else None, n) for n, text in enumerate(texts, 1)]
    return Networks(rules, otherwise=9)


@pytest.mark.parametrize(
    ("address", "number"),
    [
        (b"192.0.2.1", 1),
        (b"192.0.2.2", 2),
        (b"192.0.3.0", 0),
        (b"192.0.1.255", 0),
        (b"0.0.0.0", 0),
        (b"255.255.255.255", 3),
        (b"::1", 4),
        (b"::ffff:192.0.2.1", 1),
        (b"2001:db8::5", 5),
        (b"2001:db9::", 0),
        (b"unix:", 9),
    ],
)
def test_an_address_has_the_number_of_the_first_network_around_it(address, number):
    found = networks(
        "192.0.2.1/32", "192.0.2.0/24", "255.255.255.255/32", "::1/128", "2001:db8::/32"
    )
    assert found.found(address) == number


def test_order_goes_before_size():
    found = networks("10.0.0.0/8", "10.1.0.0/16")
    assert found.found(b"10.1.2.3") == 1


def test_no_network_is_every_address():
    found = networks("10.0.0.0/8", None)
    assert [found.found(one) for one in (b"10.0.0.1", b"9.9.9.9", b"::")] == [1, 2, 2]


def test_nothing_is_nothing():
    assert networks().found(b"1.2.3.4") == 0


def test_it_agrees_with_asking_one_rule_after_another():
    chance = random.Random(5)
    rules = [
        (ipaddress.ip_network((chance.getrandbits(32), chance.randint(4, 32)), strict=False), n)
        for n in range(1, 300)
    ]
    found = Networks(rules)
    for _ in range(2000):
        address = ipaddress.ip_address(chance.getrandbits(32))
        expected = next((number for network, number in rules if address in network), 0)
        assert found.found(str(address).encode()) == expected


def test_a_hundred_thousand_networks_are_ranges():
    rules = [(ipaddress.ip_network((n << 12, 24)), 1) for n in range(100_000)]
    found = Networks(rules)
    assert len(found) > 200_000
    assert found.found(b"0.0.16.5") == 1
    assert found.found(b"0.0.17.5") == 0
