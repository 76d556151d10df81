"""ssl_stapling: clients are shown what the authority says, once a worker has asked it."""

import subprocess

import pytest

from forkproxy.errors import ConfigError
from tests.support.authority import Authority
from tests.support.eventually import eventually
from tests.support.inside import Inside
from tests.support.origin import Origin

SERVER = """
    server { listen %PORT% ssl; ssl_stapling on; MORE return 200;
    ssl_certificate %FOLDER%/it.crt; ssl_certificate_key %FOLDER%/it.key; }
"""


class Stapled:
    """An authority with a responder, and files of a certificate that it issued.

    Attributes:
        answer: what the responder says.
        asked: the targets of its requests.
    """

    def __init__(self, folder):
        self.folder = folder
        self.root = Authority()
        self.origin = Origin(self._respond)
        self.pem, key = self.root.issue("localhost", responder=f"http://{self.origin.address}")
        (folder / "it.crt").write_bytes(self.pem + self.root.pem)
        (folder / "it.key").write_bytes(key)
        self.answer = self.root.says(self.pem)

    def _respond(self, peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + self.answer)
        peer.close()

    def serving(self, more=""):
        return Inside(SERVER.replace("MORE", more), FOLDER=self.folder)

    def __enter__(self):
        self.origin.__enter__()
        return self

    def __exit__(self, *error):
        self.origin.__exit__(*error)


@pytest.fixture
def stapled(tmp_path):
    with Stapled(tmp_path) as made:
        yield made


def shown(server):
    """Return what OpenSSL's client says of the staple that it was shown."""
    words = ["openssl", "s_client", "-connect", server.address, "-status", "-tls1_2"]
    done = subprocess.run(words, input=b"", capture_output=True, timeout=20)
    return done.stdout


def test_the_answer_of_the_responder_is_shown(stapled):
    with stapled.serving() as server:
        eventually(lambda: b"Cert Status: good" in shown(server), what="a staple")
        assert len(stapled.origin.requests) == 1


def test_until_there_is_one_there_is_none(stapled):
    with stapled.serving() as server:
        assert b"OCSP response: no response sent" in shown(server)


def test_what_is_not_good_is_not_shown_and_the_log_says_why(stapled, capfd):
    said = []
    stapled.answer = stapled.root.says(stapled.pem, revoked=True)
    with stapled.serving() as server:
        shown(server)
        eventually(
            lambda: said.append(capfd.readouterr().err) or 'status "revoked"' in "".join(said),
            what="the reason in the log",
        )
        assert b"no response sent" in shown(server)


def test_a_file_is_shown_at_once(stapled):
    (stapled.folder / "staple.der").write_bytes(stapled.answer)
    with stapled.serving("ssl_stapling_file %FOLDER%/staple.der;") as server:
        assert b"Cert Status: good" in shown(server)
    assert not stapled.origin.requests


def test_who_cannot_be_asked_is_a_notice(stapled):
    (stapled.folder / "it.crt").write_bytes(stapled.pem)
    with stapled.serving() as server:
        assert "issuer certificate not found" in server.generation.notices[0]
        assert b"no response sent" in shown(server)


def test_a_responder_is_asked_by_http_only(stapled):
    with pytest.raises(ConfigError, match="invalid URL prefix"):
        stapled.serving("ssl_stapling_responder https://ocsp.test;")
