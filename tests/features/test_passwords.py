"""Passwords are verified as htpasswd, nginx and the system store them."""

import pytest

from forkproxy.features.passwords import slow, verify

STORED = [
    "{PLAIN}password",
    "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=",
    "{SSHA}yI6cZwQadOA1e+/f+T+H3eCQQhRzYWx0",
    "$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.",
    "saG8Dq8pCLSTY",
    "$1$salt$qJH7.N4xYta3aEG/dfqo/0",
    "$5$salt$Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1",
    "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.",
    "$2y$05$abcdefghijklmnopqrstuuQPvMhHOYDfr1RB8WtVuSaGUBvxEUFOq",
]


def known(stored):
    """Return a stored form that this machine's libcrypt makes, where ours is only an example."""
    from forkproxy.features import passwords

    if stored.startswith(("{", "$apr1$")):
        return stored
    setting = stored.encode()
    made = passwords._crypt(b"password", setting)
    assert made is not None
    return made.decode()


@pytest.mark.parametrize("stored", STORED)
def test_the_right_one_is_known_and_another_is_not(stored):
    stored = known(stored)
    assert verify(b"password", stored)
    assert not verify(b"Password", stored)
    assert not verify(b"", stored)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "x",
        "*",
        "*0",
        "$1$",
        "$apr1$",
        "$9$none$none",
        "{SHA}_____Mm5Pz8GgiULbPgzG37mj9g=",
        "{SHA}Zm9vCg==",
        "{SSHA}Zm9vCg==",
        "{SSHA}_____wQadOA1e+/f+T+H3eCQQhRzYWx0",
        "{MD5}x",
    ],
)
def test_what_is_no_hash_lets_nobody_in(stored):
    assert not verify(b"password", stored)
    assert not verify(stored.encode(), stored)


def test_a_zero_octet_ends_no_password():
    assert not verify(b"password\0x", known("$1$salt$x"))


def test_long_passwords_of_apr1():
    assert not verify(b"p" * 500, "$apr1$salt$Xxd1irWT9ycqoYxGFn4cb.")


def test_what_takes_long_is_known():
    assert [slow(stored) for stored in STORED] == [False] * 3 + [True] * 6
