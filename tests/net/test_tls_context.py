"""What is wrong with rules is found when the context is made."""

import pytest

from forkproxy.net.tls_certificate import Certificate, TlsError
from forkproxy.net.tls_context import TlsContext
from tests.support.tls import folder


def read(name):
    return (folder() / name).read_bytes()


def certificate(name="localhost"):
    return Certificate(f"{name}.crt", read(f"{name}.crt"), f"{name}.key", read(f"{name}.key"))


def refusal(act, *arguments):
    with pytest.raises(TlsError) as error:
        act(*arguments)
    return str(error.value)


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
