"""userid's directives."""

import pytest

from forkproxy.config.directives.userid import MAX
from tests.support.configuration import errors, level


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("userid_expires max;", MAX),
        ("userid_expires off;", 0),
        ("userid_expires 1h;", 3600),
        ("userid_mark off;", ""),
        ("userid_mark =;", "="),
        ("userid_domain none;", ""),
        ("userid_p3p none;", ""),
        ("userid_service 7;", 7),
        ("userid_flags secure httponly;", {"secure", "httponly"}),
    ],
)
def test_a_value(text, value):
    assert level("http", text).value(text.split()[0]) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("userid yes;", 'invalid value "yes"'),
        ("userid_mark ab;", 'value must be "off" or a single letter, digit or "="'),
        ("userid_mark !;", 'value must be "off" or a single letter, digit or "="'),
        ("userid_service x;", '"userid_service" directive invalid number'),
        ("userid_flags strict;", 'invalid value "strict"'),
    ],
)
def test_what_is_wrong(text, reason):
    assert errors("http", text) == [reason]
