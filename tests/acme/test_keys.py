import pytest
from cryptography import x509

from forkproxy.acme import keys
from forkproxy.config.directives.acme import Key


@pytest.mark.parametrize("kind", [Key(), Key("ecdsa", 521), Key("rsa", 2048)])
def test_a_key_survives_its_way_through_a_file(kind):
    made = keys.make(kind)
    assert made.key_size == kind.bits
    assert keys.read(keys.pem(made)).public_key() == made.public_key()


def test_other_keys_are_refused():
    with pytest.raises(ValueError, match=r"."):
        keys.read(b"nothing")


def test_a_request_names_what_the_certificate_is_for():
    pem = keys.request(["a.test", "*.a.test", "10.0.0.1"], keys.make(Key()))
    found = x509.load_pem_x509_csr(pem)
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.test", "*.a.test"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]


def test_octets_are_written_without_padding():
    assert keys.base64url(b"\xff\xfe") == "__4"
