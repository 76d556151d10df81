"""TLS in tests: an authority's files in a folder, and a client that checks against it.

In a configuration `ssl_certificate {FOLDER}/localhost.crt` and so on; the folder has

    ca.pem                  the authority
    NAME.crt, NAME.key      for localhost, other.test, client, stranger (of no known authority)
    address.crt, .key       for 127.0.0.1
    rsa.crt, rsa.key        RSA, for localhost
    expired.crt, .key       a client's that has ended
    revoked.crt, .key       a client's that crl.pem revokes
    locked.key              localhost.key with the password "sesame"; passwords has two lines
"""

import atexit
import functools
import shutil
import ssl
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.support.authority import Authority, pem_of_key
from tests.support.client import Client
from tests.support.messages import Reader

SERVER = "ssl_certificate {0}/localhost.crt; ssl_certificate_key {0}/localhost.key;"


@functools.cache
def folder():
    """Return the folder with the files, made once for all tests."""
    made = Path(tempfile.mkdtemp(prefix="tls-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    made.chmod(0o755)
    root = Authority()
    (made / "ca.pem").write_bytes(root.pem)
    for name in ("localhost", "other.test", "client", "revoked"):
        _write(made, name, root.issue(name))
    _write(made, "address", root.issue("127.0.0.1", "localhost"))
    _write(made, "rsa", root.issue("localhost", kind="rsa"))
    _write(made, "expired", root.issue("client", expired=True))
    _write(made, "stranger", Authority("Somebody Else").issue("client"))
    (made / "crl.pem").write_bytes(root.revocations((made / "revoked.crt").read_bytes()))
    key = load_pem_private_key((made / "localhost.key").read_bytes(), None)
    (made / "locked.key").write_bytes(pem_of_key(key, b"sesame"))
    (made / "passwords").write_bytes(b"wrong\nsesame\n")
    return made


def _write(where, name, issued):
    for suffix, octets in zip((".crt", ".key"), issued, strict=True):
        (where / (name + suffix)).write_bytes(octets)


def server_lines():
    """Return the lines that make a server show the certificate for localhost."""
    return SERVER.format(folder())


def client_context(certificate=None, version=None, verify=True, protocols=()):
    """Return what a client knows: the authority, and the named certificate of its own."""
    made = ssl.create_default_context(cafile=str(folder() / "ca.pem"))
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if certificate:
        made.load_cert_chain(folder() / f"{certificate}.crt", folder() / f"{certificate}.key")
    if version:
        made.minimum_version = made.maximum_version = version
    if protocols:
        made.set_alpn_protocols(protocols)
    return made


class TlsClient(Client):
    """A Client by TLS, that has asked for `name` (None: without SNI)."""

    def __init__(self, address, name="localhost", session=None, context=None, **given):
        super().__init__(address)
        if context is None:
            context = client_context(**given)
        if name is None:
            context.check_hostname = False
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname=name, session=session)
        except BaseException:
            self.close()
            raise
        self.reader = Reader(self.socket)
