"""What is wrong with certificates, keys and rules is found when the context is made."""

import pytest

from forkproxy.net.tls_context import Certificate, TlsContext, TlsError
from tests.support.tls import folder


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


def test_rsa_and_ecdsa_stand_side_by_side():
    context = TlsContext(server=True)
    context.use(certificate())
    context.use(certificate("rsa"))
    assert [found.name for found in context.certificates] == ["localhost.crt", "rsa.crt"]


@pytest.mark.parametrize(
    ("act", "arguments", "said"),
    [
        ("ciphers", ["NOTHING"], "SSL_CTX_set_cipher_list"),
        ("curves", ["none"], "SSL_CTX_set1_curves_list"),
        ("command", ["Nonsense", "x"], 'SSL_CONF_cmd("Nonsense", "x") failed'),
        ("trust", ["ca.pem", b"junk", True], 'SSL_CTX_load_verify_locations("ca.pem") failed'),
        ("trust", ["ca.pem", b"", True], 'SSL_CTX_load_verify_locations("ca.pem") failed'),
        ("revoke", ["crl.pem", b"junk"], 'X509_LOOKUP_load_file("crl.pem") failed'),
        ("dh_parameters", ["dh.pem", b"junk"], 'PEM_read_bio_Parameters("dh.pem") failed'),
    ],
)
def test_rules_that_openssl_does_not_take_are_errors(act, arguments, said):
    assert refusal(getattr(TlsContext(server=True), act), *arguments).startswith(said)


def test_rules_that_it_takes_are_none():
    context = TlsContext(server=True)
    context.ciphers("HIGH:!aNULL:!MD5")
    context.curves("X25519:prime256v1")
    context.command("Options", "-SessionTicket")
    context.trust("ca.pem", read("ca.pem"), announce=True)
    context.revoke("crl.pem", read("crl.pem"))
    context.protocols(["TLSv1.2", "TLSv1.3"])
    context.verify(2)
    assert context.verify_depth == 2
