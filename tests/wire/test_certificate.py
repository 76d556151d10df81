"""What is taken for plainly good, OpenSSL takes as well; for all else it is asked."""

import base64
import datetime
import functools
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from forkproxy.wire.certificate import read_plain
from tests.support.authority import Authority, pem
from tests.support.tls import folder

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "site.test")])
POLICY = x509.ObjectIdentifier("2.23.140.1.2.1")
ENDS = datetime.datetime(2031, 2, 28, 23, 59, 58, tzinfo=datetime.UTC)
KINDS = {
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa1024": lambda: rsa.generate_private_key(65537, 1024),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "short p256": lambda: ec.derive_private_key(2**240 + 1, ec.SECP256R1()),
}


def extensions(key):
    """What authorities put into certificates for servers."""
    where = x509.UniformResourceIdentifier("http://ca.test/list")
    access = x509.AccessDescription(x509.AuthorityInformationAccessOID.OCSP, where)
    uses = dict.fromkeys(
        ["content_commitment", "data_encipherment", "key_agreement", "key_cert_sign"], False
    ) | dict.fromkeys(["crl_sign", "encipher_only", "decipher_only"], False)
    names = [x509.DNSName("site.test"), x509.IPAddress(ipaddress.ip_address("192.0.2.1"))]
    return [
        (x509.KeyUsage(digital_signature=True, key_encipherment=True, **uses), True),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(key), False),
        (x509.AuthorityInformationAccess([access]), False),
        (x509.SubjectAlternativeName(names), False),
        (x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), False),
        (x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)]), False),
    ]


@functools.cache
def pair(kind="p256", form="PKCS8", name=NAME, ends=ENDS, digest=hashes.SHA256):
    """Return a certificate that is its own issuer, and its key, both in PEM."""
    key = KINDS[kind]()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(ENDS - datetime.timedelta(days=90))
        .not_valid_after(ends)
    )
    for extension, critical in extensions(key.public_key()):
        made = made.add_extension(extension, critical)
    made = made.sign(key, None if kind == "ed25519" else digest())
    form = getattr(serialization.PrivateFormat, form)
    lock = serialization.NoEncryption()
    return pem(made), key.private_bytes(serialization.Encoding.PEM, form, lock)


def in_pem(der, kind=b"CERTIFICATE"):
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN %b-----" % kind, *lines, b"-----END %b-----" % kind, b""])


def in_der(text):
    return base64.b64decode(b"".join(text.splitlines()[1:-1]))


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """Return a function that tells whether OpenSSL takes a certificate with a key."""
    file = tmp_path_factory.mktemp("pem") / "both.pem"

    def ask(certificate, key):
        file.write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT@SECLEVEL=2")
        try:
            context.load_cert_chain(file)
        except ssl.SSLError:
            return False
        return True

    return ask


@pytest.mark.parametrize("kind", ["p256", "short p256", "p384", "rsa2048"])
@pytest.mark.parametrize("form", ["PKCS8", "TraditionalOpenSSL"])
def test_the_usual_kinds_are_plain(kind, form, taken):
    certificate, key = pair(kind, form)
    der, expires, chain = read_plain(certificate, key)
    assert der == x509.load_pem_x509_certificate(certificate).public_bytes(
        serialization.Encoding.DER
    )
    assert expires == ENDS.timestamp()
    assert chain == b""
    assert taken(certificate, key)


@pytest.mark.parametrize("kind", ["p521", "rsa1024", "ed25519"])
def test_other_kinds_are_left_to_openssl(kind):
    assert read_plain(*pair(kind)) is None


def test_a_signature_by_less_than_sha_256_is_left_to_openssl():
    certificate, key = pair("p256")
    # ecdsa-with-SHA256 to one of those before it, which has as many octets: with SHA-224.
    older = in_der(certificate).replace(b"\x04\x03\x02", b"\x04\x03\x01")
    assert read_plain(in_pem(older), key) is None


def test_a_name_beyond_ascii_is_left_to_openssl():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bücher.test")])
    assert read_plain(*pair(name=name)) is None


@pytest.mark.parametrize("year", [2049, 2050, 2400])
def test_when_it_ends_is_known_in_either_form_of_a_time(year):
    ends = datetime.datetime(year, 2, 28, 1, 2, 3, tzinfo=datetime.UTC)
    assert read_plain(*pair(ends=ends))[1] == ends.timestamp()


def test_the_chain_is_given_back():
    root = Authority()
    below = Authority("Below", root)
    certificate, key = below.issue("site.test")
    assert read_plain(certificate + below.pem, key)[2] == below.pem


def test_a_chain_of_other_kinds_is_left_to_openssl():
    certificate, key = pair()
    assert read_plain(certificate + pair("rsa1024")[0], key) is None


def test_the_key_of_another_is_left_to_openssl():
    assert read_plain(pair("p256")[0], pair("p256", "TraditionalOpenSSL")[1]) is None
    assert read_plain(pair("p256")[0], pair("rsa2048")[1]) is None


def test_a_locked_key_is_left_to_openssl():
    where = folder()
    assert (
        read_plain((where / "localhost.crt").read_bytes(), (where / "locked.key").read_bytes())
        is None
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: b"site.test\n" + text,
        lambda text: text.replace(b"\n", b"", 2),
        lambda text: text.removesuffix(b"-----END CERTIFICATE-----\n"),
        lambda text: text + b"\n" + text,
        lambda text: text + b"more",
        lambda text: text[:200],
        lambda _: b"",
    ],
)
def test_text_that_is_written_otherwise_is_left_to_openssl(change):
    certificate, key = pair()
    assert read_plain(change(certificate), key) is None


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(["p256", "rsa2048"]),
    st.booleans(),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=3),
)
def test_what_is_plain_after_octets_were_changed_openssl_takes_too(taken, kind, in_key, changes):
    certificate, key = (bytearray(in_der(text)) for text in pair(kind))
    target = key if in_key else certificate
    for where, octet in changes:
        target[int(where * len(target))] = octet
    changed = in_pem(bytes(certificate)), in_pem(bytes(key), b"PRIVATE KEY")
    if read_plain(*changed) is not None:
        assert taken(*changed)
