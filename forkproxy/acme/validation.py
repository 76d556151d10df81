"""Proofs that a name is ours: what is laid out for an authority that looks (RFC 8555 §8).

Workers show what lies in the issuer's folder; DNS records are written by a program of the user's.
Only the keeper imports this.
"""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import os
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from forkproxy import clock
from forkproxy.acme import keys
from forkproxy.acme.folder import HTTP, TLS_ALPN, Folder
from forkproxy.config.directives.acme import Challenge, Key
from forkproxy.errors import ForkproxyError

HOOK_TIME = 600.0  # seconds that the program may take: it waits until the record is to be seen
LAST_WORDS = 300  # characters of what it printed, in our complaint
_ACME_IDENTIFIER = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.31")


class ValidationFailedError(ForkproxyError):
    """A proof could not be laid out."""


class Proof:
    """One proof, from `lay_out` to `clear`."""

    def __init__(
        self, folder: Folder, challenge: Challenge, identifier: str, token: str, text: str
    ) -> None:
        """Prove an identifier (without `*.`); `text` is the key authorization of the token."""
        self._folder = folder
        self._challenge = challenge
        self._identifier = identifier
        self._token = token
        self._text = text.encode()

    def lay_out(self) -> None:
        """Show it. Raises OSError, ValidationFailedError."""
        if self._challenge.kind == HTTP:
            self._folder.write(f"{HTTP}/{self._token}", self._text)
        elif self._challenge.kind == TLS_ALPN:
            octets = alpn_certificate(self._identifier, self._text)
            self._folder.write(f"{TLS_ALPN}/{alpn_name(self._identifier)}.pem", octets)
        else:
            self._run("present")

    def clear(self) -> None:
        """Take it away; what cannot be taken away stays. Raises ValidationFailedError."""
        if self._challenge.kind == HTTP:
            self._folder.remove(f"{HTTP}/{self._token}")
        elif self._challenge.kind == TLS_ALPN:
            self._folder.remove(f"{TLS_ALPN}/{alpn_name(self._identifier)}.pem")
        else:
            self._run("cleanup")

    def _run(self, action: str) -> None:
        """Let the program write or remove a record: PROGRAM ACTION NAME VALUE."""
        digest = hashlib.sha256(self._text).digest()
        record = f"_acme-challenge.{self._identifier}"
        command = [self._challenge.hook, action, record, keys.base64url(digest)]
        try:
            ended = subprocess.run(  # noqa: S603 (the administrator's program)
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=HOOK_TIME,
                check=False,
                env={"PATH": os.environ.get("PATH", os.defpath)},
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ValidationFailedError(f"{self._challenge.hook} {action}: {error}") from None
        if ended.returncode:
            said = ended.stdout.decode(errors="replace").strip()[-LAST_WORDS:]
            reason = f"{self._challenge.hook} {action} ended with {ended.returncode}"
            raise ValidationFailedError(f"{reason}: {said}" if said else reason)


def alpn_name(identifier: str) -> str:
    """Return what a validation asks for by SNI: addresses are names there (RFC 8738 §6)."""
    try:
        return ipaddress.ip_address(identifier).reverse_pointer
    except ValueError:
        return identifier


def alpn_certificate(identifier: str, text: bytes) -> bytes:
    """Return the key and the certificate that a validation wants to see (RFC 8737 §3)."""
    key = keys.make(Key())
    now = datetime.datetime.fromtimestamp(clock.wall(), datetime.UTC)
    # An OCTET STRING of 32 octets, in DER.
    digest = b"\x04\x20" + hashlib.sha256(text).digest()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "acme challenge")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
        .add_extension(keys.names([identifier]), critical=False)
        .add_extension(x509.UnrecognizedExtension(_ACME_IDENTIFIER, digest), critical=True)
        .sign(key, hashes.SHA256())
    )
    return keys.pem(key) + signed.public_bytes(serialization.Encoding.PEM)
