"""Networks as directives write them."""

import pytest

from forkproxy.config.networks import parse_network


@pytest.mark.parametrize(
    ("text", "network", "meaningless"),
    [
        ("10.0.0.0/8", "10.0.0.0/8", False),
        ("10.1.0.0/8", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.3/32", False),
        ("2001:db8::/32", "2001:db8::/32", False),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8", False),
    ],
)
def test_a_network(text, network, meaningless):
    found, low_bits = parse_network(text)
    assert (str(found), low_bits) == (network, meaningless)


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.0/33", "host", "::/129"])
def test_what_is_no_network(text):
    with pytest.raises(ValueError, match=r"."):
        parse_network(text)
