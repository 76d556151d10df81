"""What is wrong with certificates and keys is found when they are read."""

import hashlib

import pytest

from forkproxy.net.tls_certificate import Certificate, TlsError
from forkproxy.net.tls_context import TlsContext
from tests.support.tls import client_context, folder
from tests.support.tls_pair import pair


def read(name):
    return (folder() / name).read_bytes()


def certificate(name="localhost", key=None, passwords=()):
    key = key or f"{name}.key"
    return Certificate(f"{name}.crt", read(f"{name}.crt"), key, read(key), passwords)


def refusal(act, *arguments):
    with pytest.raises(TlsError) as error:
        act(*arguments)
    return str(error.value)


def test_a_certificate_knows_when_it_ends():
    assert certificate().expires > 4e9
    assert certificate("expired").expires < 1.8e9


def test_one_has_its_own_fingerprint():
    assert certificate().fingerprint() != certificate("other.test").fingerprint()


def test_what_is_no_certificate_is_refused_in_nginx_s_words():
    said = refusal(Certificate, "a.crt", b"junk", "a.key", read("localhost.key"))
    assert said.startswith('cannot load certificate "a.crt": PEM_read_bio_X509_AUX() failed (SSL:')


def test_what_is_no_key_is_refused():
    said = refusal(Certificate, "a.crt", read("localhost.crt"), "a.key", b"junk")
    assert said.startswith('cannot load certificate key "a.key": PEM_read_bio_PrivateKey() failed')


def test_the_key_of_another_certificate_is_refused():
    said = refusal(certificate, "localhost", "other.test.key")
    assert "key values mismatch" in said


def test_of_several_passwords_one_has_to_open_the_key():
    assert certificate(key="locked.key", passwords=[b"wrong", b"sesame"]).expires
    assert "failed" in refusal(certificate, "localhost", "locked.key", [b"wrong"])
    assert "failed" in refusal(certificate, "localhost", "locked.key")


def test_one_that_waits_for_openssl_is_shown_like_any_other():
    first, other = certificate(), certificate("other.test")
    context = TlsContext(server=True)
    context.use(first)
    sibling = context.sibling()
    sibling.use(other)
    fingerprint = other.fingerprint()
    with pair(sibling, client=client_context(), name="other.test") as (_, connection):
        assert hashlib.sha256(connection.getpeercert(binary_form=True)).digest() == fingerprint
    assert other.fingerprint() == fingerprint


def test_where_more_is_asked_than_is_usual_openssl_judges_at_once():
    context = TlsContext(server=True)
    context.ciphers("DEFAULT@SECLEVEL=4")
    sibling = context.sibling()
    assert "key too small" in refusal(sibling.use, certificate())


def test_a_chain_that_openssl_cannot_read_is_refused():
    broken = read("localhost.crt") + read("localhost.crt").replace(b"MII", b"MIJ", 1)
    said = refusal(Certificate, "a.crt", broken, "a.key", read("localhost.key"))
    assert said.startswith('cannot load certificate "a.crt": PEM_read_bio_X509() failed (SSL:')
