"""The authority of our own: for localhost, addresses, and names that are nobody's.

One root, made when it is first needed, that signs for some days; `forkproxy trust` has this
machine believe it. Only the keeper imports this.
"""

from __future__ import annotations

import datetime
import socket

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPublicKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from forkproxy import clock
from forkproxy.acme import keys
from forkproxy.acme.folder import Folder
from forkproxy.config.directives.acme import Key
from forkproxy.config.issuers import Wanted

ROOT = "root.crt"
ROOT_KEY = "root.key"
ROOT_LIFE = datetime.timedelta(days=3650)
LEAF_LIFE = datetime.timedelta(days=7)
BACKDATE = datetime.timedelta(hours=1)  # for clocks that are slow


def issue(folder: Folder, wanted: Wanted) -> bytes:
    """Return a new key and its certificate, as PEM. Raises OSError, ValueError."""
    root, root_key = _root(folder)
    key = keys.make(wanted.key)
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = (
        _begun(key.public_key(), LEAF_LIFE)
        .subject_name(x509.Name([]))
        .issuer_name(root.subject)
        # RFC 5280 §4.2.1.6: where there is no subject, the names are critical.
        .add_extension(keys.names(wanted.identifiers), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(purpose, critical=False)
        .add_extension(_authority(root), critical=False)
    )
    signed = builder.sign(root_key, hashes.SHA256())
    return keys.pem(key) + signed.public_bytes(serialization.Encoding.PEM)


def _root(folder: Folder) -> tuple[x509.Certificate, keys.PrivateKey]:
    """Return the root and its key, made where it is missing, or has no time left."""
    certificate, key = folder.read(ROOT), folder.read(ROOT_KEY)
    if certificate is not None and key is not None:
        found = x509.load_pem_x509_certificate(certificate)
        if found.not_valid_after_utc - LEAF_LIFE > _now():
            return found, keys.read(key)
    return _make_root(folder)


def _make_root(folder: Folder) -> tuple[x509.Certificate, keys.PrivateKey]:
    key = keys.make(Key())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "forkproxy"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"forkproxy internal CA {_host()}"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = (
        _begun(key.public_key(), ROOT_LIFE)
        .subject_name(name)
        .issuer_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identity, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.write(ROOT_KEY, keys.pem(key))
    folder.write(ROOT, made.public_bytes(serialization.Encoding.PEM))
    return made, key


def _begun(
    key: CertificateIssuerPublicKeyTypes, life: datetime.timedelta
) -> x509.CertificateBuilder:
    now = _now()
    return (
        x509.CertificateBuilder()
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + life)
    )


def _authority(root: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identity = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identity)


def _now() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(clock.wall(), datetime.UTC)


def _host() -> str:
    return socket.gethostname()[:30]
