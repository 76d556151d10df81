import pytest

from tests.support.configuration import errors, level


def test_shares_are_counted_in_hundredths_of_a_percent():
    (line,) = level("http", "split_clients $uri $a { 0.5% x; 20% y; * z; }").own("split_clients")
    assert [share for share, _ in line.value.parts] == [50, 2000, 0]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("0% a;", 'invalid percent value "0%"'),
        ("1.234% a;", 'invalid percent value "1.234%"'),
        ("x a;", 'invalid percent value "x"'),
        ("60% a; 50% b;", "percent total is greater than 100%"),
        ("1% a b;", "invalid number of parameters"),
    ],
)
def test_what_is_wrong(lines, message):
    assert errors("http", f"split_clients $uri $a {{ {lines} }}") == [message]
