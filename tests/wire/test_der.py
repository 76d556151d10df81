"""Elements that DER would write otherwise are none; asked through those of a certificate."""

import base64

import pytest

from forkproxy.wire.certificate import read_plain
from tests.support.tls import folder


def in_pem(der):
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN CERTIFICATE-----", *lines, b"-----END CERTIFICATE-----", b""])


@pytest.fixture
def der():
    return base64.b64decode(b"".join((folder() / "localhost.crt").read_bytes().splitlines()[1:-1]))


@pytest.fixture
def plain():
    key = (folder() / "localhost.key").read_bytes()
    return lambda der: read_plain(in_pem(der), key) is not None


def changed(der, at, old, new):
    """Put other octets in the place of those that stand there, and correct the outer length."""
    start = der.index(old, at)
    made = der[:start] + new + der[start + len(old) :]
    return made[:2] + (len(made) - 4).to_bytes(2, "big") + made[4:]


def test_as_it_is_written_it_is_taken(der, plain):
    assert plain(der)
    assert changed(der, 0, der[:4], der[:4]) == der


def test_a_length_in_more_octets_than_it_needs_is_not(der, plain):
    signature = der.rindex(b"\x03", 0, len(der) - 60)
    assert not plain(changed(der, signature, der[signature : signature + 2], b"\x03\x81\x47"))


def test_a_length_without_end_is_not(der, plain):
    assert not plain(der[:1] + b"\x80" + der[4:] + b"\0\0")


def test_a_length_beyond_the_end_is_not(der, plain):
    for end in range(0, len(der), 7):
        assert not plain(der[:end])


def test_what_follows_the_end_is_not(der, plain):
    assert not plain(der + b"\0")


@pytest.mark.parametrize("tag", [0x1E, 0x14, 0x30])
def test_text_of_other_kinds_is_not(der, plain, tag):
    assert not plain(changed(der, 0, b"\x0c\x09localhost", bytes([tag]) + b"\x09localhost"))


@pytest.mark.parametrize("octets", [b"\x55\x84\x80", b"\x80\x04\x03", b"\x55\x04\x83"])
def test_a_number_of_an_object_that_does_not_end_or_has_noughts_before_it_is_not(
    der, plain, octets
):
    assert not plain(changed(der, 0, b"\x06\x03\x55\x04\x03", b"\x06\x03" + octets))


@pytest.mark.parametrize("octets", [b"13", b"00"])
def test_a_month_that_is_none_is_not(der, plain, octets):
    start = der.index(b"\x17\x0d")
    assert plain(der)
    assert not plain(der[: start + 4] + octets + der[start + 6 :])


def test_a_negative_number_is_not(der, plain):
    serial = der.index(b"\x02\x01\x02") + 3
    assert der[serial] == 2
    assert not plain(der[: serial + 2] + b"\xff" + der[serial + 3 :])
