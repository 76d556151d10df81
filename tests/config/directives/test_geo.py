import pytest

from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def geo(lines, heading="$a"):
    (line,) = level("http", f"geo {heading} {{ {lines} }}").own("geo")
    return line.value


def test_networks_become_spans_of_both_versions():
    found = geo("default d; 10.0.0.0/8 ten; ::1 me;")
    assert (0x0A000000, 0x0AFFFFFF, "ten") in found.four
    assert (0, 2**32 - 1, "d") in found.four
    assert (1, 1, "me") in found.six


def test_a_source_and_marks():
    found = geo("volatile; proxy 10.0.0.0/8; proxy_recursive;", "$arg_ip $b")
    assert (found.source, found.variable) == ((Var("arg_ip"),), "b")
    assert found.volatile
    assert found.proxy_recursive
    assert [str(network) for network in found.proxies] == ["10.0.0.0/8"]


def test_a_range_inside_another_takes_its_place_there():
    found = geo("ranges; 1.0.0.0-1.0.0.9 a; 1.0.0.4-1.0.0.5 b;")
    base = 0x01000000
    assert sorted(found.four) == [
        (base, base + 3, "a"),
        (base + 4, base + 5, "b"),
        (base + 6, base + 9, "a"),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("10.0.0 a;", 'invalid network "10.0.0"'),
        ("a b c;", "invalid number of the geo parameters"),
        ("ranges; 1.0.0.9-1.0.0.0 a;", 'invalid range "1.0.0.9-1.0.0.0"'),
        ("ranges; 10.0.0.0/8 a;", 'invalid range "10.0.0.0/8"'),
        (
            "10.0.0.0/8 a; ranges;",
            'the "ranges" directive must be the first directive inside "geo" block',
        ),
    ],
)
def test_what_is_wrong(lines, message):
    assert errors("http", f"geo $a {{ {lines} }}") == [message]


def test_a_variable_of_nginx_cannot_be_made():
    assert errors("http", "geo $uri { }") == ['the duplicate "uri" variable']
