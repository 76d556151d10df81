"""Private keys and requests for certificates; only the keeper imports this."""

from __future__ import annotations

import ipaddress
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from forkproxy.config.directives.acme import Key

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_CURVES: dict[int, ec.EllipticCurve] = {
    256: ec.SECP256R1(),
    384: ec.SECP384R1(),
    521: ec.SECP521R1(),
}


def make(kind: Key) -> PrivateKey:
    """Make a private key."""
    if kind.kind == "rsa":
        return rsa.generate_private_key(65537, kind.bits)
    return ec.generate_private_key(_CURVES[kind.bits])


def pem(key: PrivateKey) -> bytes:
    """Return a key as PEM, without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def read(octets: bytes) -> PrivateKey:
    """Read a private key. Raises ValueError."""
    key = serialization.load_pem_private_key(octets, None)
    if not isinstance(key, PrivateKey):
        raise ValueError("only ECDSA and RSA keys can be used")
    return key


def names(identifiers: Iterable[str]) -> x509.SubjectAlternativeName:
    """Return the extension that names what a certificate is for."""
    found: list[x509.GeneralName] = []
    for one in identifiers:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(one)))
        except ValueError:
            found.append(x509.DNSName(one))
    return x509.SubjectAlternativeName(found)


def request(identifiers: Iterable[str], key: PrivateKey) -> bytes:
    """Return a request for a certificate, as PEM."""
    builder = x509.CertificateSigningRequestBuilder(x509.Name([]))
    builder = builder.add_extension(names(identifiers), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def life(chain: bytes) -> tuple[float, float]:
    """Return when the first certificate of a chain begins and ends, in wall seconds."""
    first = x509.load_pem_x509_certificate(chain)
    return first.not_valid_before_utc.timestamp(), first.not_valid_after_utc.timestamp()


def chain(octets: bytes) -> bytes:
    """Return the certificates alone of a file with a key before them."""
    return octets[octets.index(b"-----BEGIN CERTIFICATE") :]


def issuer(chain: bytes) -> str:
    """Return the name of who signed the first certificate of a chain."""
    return x509.load_pem_x509_certificate(chain).issuer.rfc4514_string()


def base64url(octets: bytes) -> str:
    """Return octets as JOSE writes them (RFC 7515 §2)."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
