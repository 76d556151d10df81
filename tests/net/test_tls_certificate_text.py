import ssl

import pytest

from forkproxy.net.tls_certificate import TlsError
from forkproxy.net.tls_certificate_text import described, same_key
from tests.support.tls import folder


def pem(name):
    return (folder() / f"{name}.crt").read_bytes()


def test_a_certificate_is_described_as_haproxy_does():
    found = dict(described(pem("localhost")))
    oracle = ssl._ssl._test_decode_cert(str(folder() / "localhost.crt"))
    assert found["Serial"] == oracle["serialNumber"]
    assert (found["notBefore"], found["notAfter"]) == (oracle["notBefore"], oracle["notAfter"])
    assert found["Subject Alternative Name"] == "DNS:localhost"
    assert found["Algorithm"] == "EC256"
    assert found["Subject"] == "/CN=localhost"
    assert len(bytes.fromhex(found["SHA1 FingerPrint"])) == 20


def test_of_a_chain_it_is_the_first():
    both = pem("rsa") + pem("other.test")
    assert dict(described(both))["Algorithm"] == "RSA2048"


def test_the_key_of_two_certificates_is_the_same_or_not():
    assert same_key(pem("localhost"), pem("localhost") + pem("rsa"))
    assert not same_key(pem("localhost"), pem("rsa"))


@pytest.mark.parametrize("octets", [b"", b"x", pem("localhost")[:100]])
def test_what_is_no_certificate_is_refused(octets):
    with pytest.raises(TlsError):
        described(octets)
    with pytest.raises(TlsError):
        same_key(pem("localhost"), octets)
