"""Of which extensions it is plain that OpenSSL can read them."""

import pytest

from forkproxy.wire.extensions import plain_extensions

NAMES = "0603551d11"  # OBJECT IDENTIFIERs, in hex
CONSTRAINTS = "0603551d13"
USAGE = "0603551d0f"
PURPOSES = "0603551d25"
SUBJECT_KEY = "0603551d0e"
AUTHORITY_KEY = "0603551d23"
LISTS = "0603551d1f"
POLICIES = "0603551d20"


def element(tag, octets):
    assert len(octets) < 128
    return bytes([tag, len(octets)]) + octets


def extension(number, value, critical=""):
    parts = bytes.fromhex(number) + bytes.fromhex(critical)
    return element(0x30, parts + element(0x04, bytes.fromhex(value)))


def all_of(*extensions):
    return element(0xA3, element(0x30, b"".join(extensions)))


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (NAMES, "3003820161"),  # the name "a"
        (NAMES, "30068704c0000201"),
        (CONSTRAINTS, "3000"),
        (CONSTRAINTS, "30030101ff"),
        (CONSTRAINTS, "30060101ff020100"),
        (USAGE, "03020780"),
        (USAGE, "0303078080"),
        (PURPOSES, "300a06082b06010505070301"),
        (SUBJECT_KEY, "04020102"),
        (AUTHORITY_KEY, "300480020102"),
        (LISTS, "30093007a005a003860161"),
        (POLICIES, "00"),
    ],
)
@pytest.mark.parametrize("critical", ["", "0101ff"])
def test_the_usual_ones_are_plain(number, value, critical):
    assert plain_extensions(all_of(extension(number, value, critical)))


@pytest.mark.parametrize(
    ("number", "value"),
    [
        (NAMES, "3000"),
        (NAMES, "00038201"),
        (NAMES, "3003810161"),  # an address of mail
        (NAMES, "3003820120"),
        (NAMES, "30038702c000"),
        (CONSTRAINTS, "3003020100"),  # a limit, and no authority
        (CONSTRAINTS, "3003010101"),
        (USAGE, "03020880"),
        (USAGE, "030107"),
        (PURPOSES, "3003060180"),
        (SUBJECT_KEY, "0400"),
        (AUTHORITY_KEY, "30028000"),
        (AUTHORITY_KEY, "3003810101"),
        (LISTS, "3009" + "3007a005a103860161"),
        ("0603551d1e", "3000"),  # nameConstraints
        ("06032a0304", "3000"),  # of nobody we know
    ],
)
def test_others_are_left_to_openssl(number, value):
    assert not plain_extensions(all_of(extension(number, value)))


def test_the_same_one_twice_is_left_to_openssl():
    one = extension(CONSTRAINTS, "3000")
    assert not plain_extensions(all_of(one, one))


def test_false_written_down_is_left_to_openssl():
    assert not plain_extensions(all_of(extension(CONSTRAINTS, "3000", "010100")))


@pytest.mark.parametrize("octets", [b"", b"\xa3\x00", b"\xa3\x02\x30\x00", b"\xa3\x03\x30\x00\x00"])
def test_none_at_all_is_left_to_openssl(octets):
    assert not plain_extensions(octets)
