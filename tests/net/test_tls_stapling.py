"""What is asked of an authority by OCSP, and which of its answers may be shown."""

import functools

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from forkproxy.net.tls_certificate import Certificate, TlsError
from forkproxy.net.tls_context import TlsContext
from forkproxy.net.tls_stapling import Staple
from tests.support.authority import Authority

LATER = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
    Encoding.DER
)
URL = "http://ocsp.test/here"


@functools.cache
def issued(responder):
    """Return an authority, and what it issued."""
    root = Authority()
    return root, *root.issue("localhost", responder=responder)


def staple(responder=URL, chain=True, trusted=False, **given):
    root, pem, key = issued(responder)
    context = TlsContext(server=True)
    if trusted:
        context.trust("ca.pem", root.pem, announce=False)
    certificate = Certificate("it.crt", pem + (root.pem if chain else b""), "it.key", key)
    return Staple(context, certificate, **given)


def test_the_question_is_about_the_certificate():
    question = ocsp.load_der_ocsp_request(staple().request())
    certificate = x509.load_pem_x509_certificate(issued(URL)[1])
    assert question.serial_number == certificate.serial_number


def test_who_is_asked_is_in_the_certificate_or_given():
    assert staple().url == URL.encode()
    assert staple(url=b"http://other.test").url == b"http://other.test"
    with pytest.raises(TlsError, match="no OCSP responder URL"):
        staple(responder=None)


def test_the_issuer_is_in_the_chain_or_trusted():
    assert staple(chain=False, trusted=True).request()
    with pytest.raises(TlsError, match="issuer certificate not found"):
        staple(chain=False)


def test_a_good_answer_is_taken():
    root, pem, _ = issued(URL)
    staple().take(root.says(pem))


def test_its_signature_must_be_the_authority_s():
    root, pem, _ = issued(URL)
    good = root.says(pem)
    forged = good[:-1] + bytes([good[-1] ^ 1])
    for verify in (False, True):
        staple(trusted=True, verify=verify).take(good)
        with pytest.raises(TlsError, match="OCSP_basic_verify"):
            staple(trusted=True, verify=verify).take(forged)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda root, pem: root.says(pem, revoked=True), 'certificate status "revoked"'),
        (lambda root, pem: root.says(pem, hours=-24), "OCSP_check_validity"),
        (lambda root, _pem: root.says(root.issue("other")[0]), "status not found"),
        (lambda _root, _pem: b"junk", "d2i_OCSP_RESPONSE"),
        (lambda _root, _pem: b"", "d2i_OCSP_RESPONSE"),
        (lambda _root, _pem: LATER, "not successful"),
    ],
)
def test_others_are_not(answer, reason):
    root, pem, _ = issued(URL)
    with pytest.raises(TlsError, match=reason):
        staple().take(answer(root, pem))


def test_a_file_has_to_be_an_answer():
    root, pem, _ = issued(URL)
    assert staple(response=root.says(pem)).url is None
    with pytest.raises(TlsError, match="d2i_OCSP_RESPONSE"):
        staple(response=b"junk")
