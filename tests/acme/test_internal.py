import ssl

import pytest

from forkproxy.acme import internal, keys
from forkproxy.acme.folder import Folder
from forkproxy.config.issuers import Issuer, Wanted


@pytest.fixture
def folder(tmp_path):
    return Folder(str(tmp_path))


def issue(folder, *names):
    return internal.issue(folder, Wanted((Issuer("internal", str(folder.path)),), names))


def test_what_is_signed_is_verified_by_the_root(folder, tmp_path):
    pem = tmp_path / "leaf.pem"
    pem.write_bytes(issue(folder, "localhost", "127.0.0.1"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.create_default_context(cafile=tmp_path / "root.crt")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    for name in ("localhost", "127.0.0.1"):
        shake_hands(server, client, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client, "other.test")


def shake_hands(server, client, name):
    """Let two contexts shake hands in memory."""
    pipes = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(pipes[0], pipes[1], server_hostname=name),
        server.wrap_bio(pipes[1], pipes[0], server_side=True),
    ]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)


def test_the_root_stays_the_same(folder):
    issue(folder, "localhost")
    root = folder.read(internal.ROOT)
    issue(folder, "a.internal")
    assert folder.read(internal.ROOT) == root


def test_a_root_without_its_key_is_made_anew(folder):
    issue(folder, "localhost")
    root = folder.read(internal.ROOT)
    folder.remove(internal.ROOT_KEY)
    issue(folder, "localhost")
    assert folder.read(internal.ROOT) != root


def test_what_is_signed_lasts_for_days(folder):
    begins, ends = keys.life(issue(folder, "localhost"))
    assert 7 * 86400 <= ends - begins <= 8 * 86400
