"""A certificate authority for tests: certificates, keys and revocation lists, in PEM."""

import datetime
import functools
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

PRIVATE = serialization.PrivateFormat.PKCS8
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@functools.cache
def rsa_key():
    """One RSA key for all tests: making them is slow."""
    return rsa.generate_private_key(65537, 2048)


def _key(kind):
    return rsa_key() if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())


def _name(common):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def pem_of_key(key, password=None):
    """Return a private key in PEM."""
    lock = serialization.NoEncryption()
    if password is not None:
        lock = serialization.BestAvailableEncryption(password)
    return key.private_bytes(serialization.Encoding.PEM, PRIVATE, lock)


def pem(certificate):
    """Return a certificate or a revocation list in PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


class Authority:
    """Issues certificates under a root of its own, or under another authority."""

    def __init__(self, name="Test Root", parent=None):
        self.name = name
        self.key = _key("ec")
        self.certificate = self._sign(
            _name(name),
            self.key.public_key(),
            parent or self,
            [
                (x509.BasicConstraints(ca=True, path_length=None), True),
                (
                    x509.KeyUsage(
                        digital_signature=True,
                        key_cert_sign=True,
                        crl_sign=True,
                        content_commitment=False,
                        key_encipherment=False,
                        data_encipherment=False,
                        key_agreement=False,
                        encipher_only=False,
                        decipher_only=False,
                    ),
                    True,
                ),
            ],
        )

    @property
    def pem(self):
        return pem(self.certificate)

    def issue(self, *names, kind="ec", expired=False, common=None, responder=None):
        """Return (certificate, key), each in PEM; `responder`: a URL for OCSP to be named."""
        key = _key(kind)
        alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
        extensions = [(alternatives, False)]
        if responder:
            where = x509.UniformResourceIdentifier(responder)
            access = x509.AccessDescription(x509.AuthorityInformationAccessOID.OCSP, where)
            extensions.append((x509.AuthorityInformationAccess([access]), False))
        made = self._sign(
            _name(common or names[0]),
            key.public_key(),
            self,
            extensions,
            end=NOW - DAY if expired else None,
        )
        return pem(made), pem_of_key(key)

    def revocations(self, *certificates):
        """Return a list, in PEM, that revokes these certificates (PEM)."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(NOW - DAY)
            .next_update(NOW + 36500 * DAY)
        )
        for octets in certificates:
            serial = x509.load_pem_x509_certificate(octets).serial_number
            revoked = x509.RevokedCertificateBuilder().serial_number(serial)
            made = made.add_revoked_certificate(revoked.revocation_date(NOW - DAY).build())
        return pem(made.sign(self.key, hashes.SHA256()))

    def says(self, certificate, *, revoked=False, hours=24):
        """Return what OCSP says of a certificate (PEM), in DER, for so many hours from now."""
        now = datetime.datetime.now(datetime.UTC)
        made = ocsp.OCSPResponseBuilder().add_response(
            cert=x509.load_pem_x509_certificate(certificate),
            issuer=self.certificate,
            algorithm=hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now - 2 * DAY,
            next_update=now + datetime.timedelta(hours=hours),
            revocation_time=now - DAY if revoked else None,
            revocation_reason=None,
        )
        made = made.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate)
        made = made.sign(self.key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.DER)

    def _sign(self, subject, public_key, issuer, extensions, end=None):
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name(issuer.name))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 2 * DAY)
            .not_valid_after(end or NOW + 36500 * DAY)
        )
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(issuer.key, hashes.SHA256())
