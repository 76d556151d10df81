"""HTTP dates (RFC 9110 §5.6.7)."""

import time
from calendar import timegm
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.wire.dates import http_date, parse_http_date

MOMENTS = st.integers(-62135596800, 253402300799)
KNOWN = 784111777  # the moment of RFC 9110's examples


@pytest.mark.parametrize(
    "text",
    [
        b"Sun, 06 Nov 1994 08:49:37 GMT",
        b"Sunday, 06-Nov-94 08:49:37 GMT",
        b"Sun Nov  6 08:49:37 1994",
    ],
)
def test_each_form_is_read(text):
    assert parse_http_date(text) == KNOWN


def test_one_form_is_written():
    assert http_date(KNOWN) == b"Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, b"Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, b"Wed, 31 Dec 1969 23:59:59 GMT"),
        (951782400, b"Tue, 29 Feb 2000 00:00:00 GMT"),
        (4107542399, b"Sun, 28 Feb 2100 23:59:59 GMT"),
        (253402300800, b"Fri, 31 Dec 9999 23:59:59 GMT"),
        (-(2**63), b"Mon, 01 Jan 0001 00:00:00 GMT"),
        (2**63 - 1, b"Fri, 31 Dec 9999 23:59:59 GMT"),
    ],
)
def test_moments_at_the_edges_are_written(seconds, text):
    assert http_date(seconds) == text


@given(st.integers(0, 253402300799))
def test_it_is_written_as_the_standard_library_does(seconds):
    assert http_date(seconds).decode() == formatdate(seconds, usegmt=True)


@given(MOMENTS)
def test_what_is_written_is_read_again(seconds):
    assert parse_http_date(http_date(seconds)) == max(-1, seconds)


@given(st.integers(0, 253402300799))
def test_the_form_of_asctime_is_read_again(seconds):
    text = time.asctime(time.gmtime(seconds)).encode()
    assert parse_http_date(text) == seconds


@given(st.integers(0, 3155759999))
def test_years_of_two_digits_are_1970_to_2069(seconds):
    moment = time.gmtime(seconds)
    assert parse_http_date(time.strftime("%A, %d-%b-%y %H:%M:%S GMT", moment).encode()) == seconds


def test_a_leap_second_is_read():
    assert parse_http_date(b"Sat, 31 Dec 2016 23:59:60 GMT") == timegm((2017, 1, 1, 0, 0, 0))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"0",
        b"-1",
        b"yesterday",
        b"sun, 06 nov 1994 08:49:37 gmt",
        b"Sun, 06 Nov 1994 08:49:37",
        b"Sun, 06 Nov 1994 08:49:37 UTC",
        b"Sun, 06 Nov 1994 08:49:37 GMT ",
        b"Sun, 06 Nov 1994 08:49:37 +0000",
        b"Sun, 6 Nov 1994 08:49:37 GMT",
        b"Sun, 06 Nov 94 08:49:37 GMT",
        b"Sun, 00 Nov 1994 08:49:37 GMT",
        b"Sun, 31 Nov 1994 08:49:37 GMT",
        b"Sun, 29 Feb 1900 08:49:37 GMT",
        b"Sun, 29 Feb 2023 08:49:37 GMT",
        b"Sun, 06 Nov 1994 24:49:37 GMT",
        b"Sun, 06 Nov 1994 08:60:37 GMT",
        b"Sun, 06 Nov 1994 08:49:61 GMT",
        b"Sun, 06 Nox 1994 08:49:37 GMT",
        b"Sux, 06 Nov 1994 08:49:37 GMT",
        b"Sun, 0x Nov 1994 08:49:37 GMT",
        b"Sun, 06-Nov-1994 08:49:37 GMT",
        b"Sunday, 06-Nov-1994 08:49:37 GMT",
        b"Sun, 06-Nov-94 08:49:37 GMT",
        b"Someday, 06-Nov-94 08:49:37 GMT",
        b"Sun Nov 6 08:49:37 1994",
        b"Sun Nov  6 08:49:37 94",
        b"Sun Nov 06 08:49:37 GMT 1994",
        b"Sun, 06 Nov 1969 08:49:37 GMT",
    ],
)
def test_anything_else_is_no_date(text):
    assert parse_http_date(text) == -1


@given(st.binary(max_size=40))
def test_noise_is_no_date_or_one_after_1970(octets):
    assert parse_http_date(octets) >= -1


@given(st.integers(0, 28), st.integers(0, 255))
def test_an_octet_changed_is_another_date_or_none(at, octet):
    text = bytearray(http_date(KNOWN))
    text[at] = octet
    found = parse_http_date(bytes(text))
    assert found == -1 or http_date(found)[5:] == bytes(text)[5:]
