import ipaddress

import pytest

from forkproxy.config.directives.access import ALL, UNIX, Rule
from tests.support.configuration import errors, level, warnings


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("all", ALL),
        ("unix:", UNIX),
        ("192.0.2.1", ipaddress.ip_network("192.0.2.1/32")),
        ("10.0.0.0/8", ipaddress.ip_network("10.0.0.0/8")),
        ("2001:db8::/32", ipaddress.ip_network("2001:db8::/32")),
    ],
)
def test_who_is_a_network_or_a_word(text, who):
    assert level("location", f"deny {text};").own("deny")[0].value == Rule(False, who)
    assert level("location", f"allow {text};").own("allow")[0].value == Rule(True, who)


def test_bits_that_mean_nothing_are_a_warning():
    assert warnings("location", "deny 10.0.0.1/8;") == [
        "low address bits of 10.0.0.1/8 are meaningless"
    ]


@pytest.mark.parametrize("word", ["here", "10.0.0.0/33", "1.2.3", "example.com"])
def test_a_name_is_no_address(word):
    assert errors("location", f"deny {word};") == [f'invalid parameter "{word}"']


def test_satisfy_takes_two_words():
    assert level("location", "satisfy any;").value("satisfy") == "any"
    assert errors("location", "satisfy none;") == ['invalid value "none"']
