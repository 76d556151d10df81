"""Servers and certificates that are looked after: what is shown, and what stands in the way."""

import shutil
import ssl
import subprocess

import pytest

from forkproxy.acme import internal
from forkproxy.acme.folder import Folder
from forkproxy.acme.managed import take_up
from forkproxy.acme.validation import alpn_certificate
from forkproxy.errors import ConfigError
from tests.support.client import get
from tests.support.inside import Inside
from tests.support.tls import TlsClient, folder, server_lines

ISSUER = "acme_issuer ca {{ uri https://ca.test/; state_path {}; {} }}"
PAIR = "ssl_certificate $acme_certificate; ssl_certificate_key $acme_certificate_key;"


def site(path, more="", challenge="challenge http-01;", lines=PAIR):
    """Return a server for a.test whose issuer keeps what it has in a folder."""
    return Inside(
        f"server {{ listen %PORT% ssl; server_name a.test; acme_certificate ca; {lines} {more}"
        " return 200 here; }",
        http=ISSUER.format(path, challenge),
    )


def issue(server):
    """Put a certificate into the place of the first that is looked after."""
    (managed, *_) = server.generation.managed
    made = Folder(str(managed.wanted.issuers[0].state_path))
    made.write(f"{managed.wanted.name}.pem", internal.issue(made, managed.wanted))
    take_up(server.generation.managed)


def shown(server, name="a.test"):
    with TlsClient(server.address, name, verify=False) as client:
        return ssl.DER_cert_to_PEM_cert(client.socket.getpeercert(binary_form=True))


def test_until_one_is_issued_handshakes_are_refused_and_then_it_is_shown(tmp_path):
    with site(tmp_path) as server:
        with pytest.raises(ssl.SSLError):
            shown(server)
        assert (
            "no certificate has been issued yet" in (server.prefix / "logs/error.log").read_text()
        )
        issue(server)
        first = shown(server)
        issue(server)
        assert shown(server) != first


def test_what_was_obtained_before_is_shown_at_once(tmp_path):
    with site(tmp_path) as server:
        issue(server)
        first = shown(server)
    with site(tmp_path) as server:
        assert shown(server) == first


def test_a_certificate_out_of_a_file_stands_beside(tmp_path):
    rsa = f"ssl_certificate {folder()}/rsa.crt; ssl_certificate_key {folder()}/rsa.key;"
    with site(tmp_path, lines=PAIR + rsa) as server:
        assert shown(server) == (folder() / "rsa.crt").read_text()
        issue(server)
        assert shown(server) != (folder() / "rsa.crt").read_text()


def test_servers_that_want_the_same_have_the_same(tmp_path):
    text = (
        f"server {{{{ listen %PORT% ssl; server_name {{}}; acme_certificate ca a.test; {PAIR} }}}}"
    )
    two = text.format("a.test") + text.format("b.test")
    with Inside(two, http=ISSUER.format(tmp_path, "")) as server:
        assert len(server.generation.managed) == 1


def test_a_validation_is_shown_what_was_made_for_it(tmp_path):
    with site(tmp_path, challenge="challenge tls-alpn-01;") as server:
        issue(server)
        pem = alpn_certificate("a.test", b"text")
        Folder(str(tmp_path)).write("tls-alpn-01/a.test.pem", pem)
        with TlsClient(server.address, "a.test", verify=False, protocols=["acme-tls/1"]) as client:
            assert client.socket.selected_alpn_protocol() == "acme-tls/1"
            found = client.socket.getpeercert(binary_form=True)
            assert ssl.DER_cert_to_PEM_cert(found).encode() in pem
            assert client.socket.recv(1) == b""
        with TlsClient(
            server.address, "a.test", verify=False, protocols=["http/1.1", "acme-tls/1"]
        ) as client:
            assert client.socket.selected_alpn_protocol() == "http/1.1"


def test_a_validation_that_nobody_awaits_is_refused(tmp_path):
    with site(tmp_path, challenge="challenge tls-alpn-01;") as server:
        issue(server)
        with pytest.raises(ssl.SSLError):
            TlsClient(server.address, "a.test", verify=False, protocols=["acme-tls/1"])


def test_a_key_that_is_not_there_is_said_at_once(tmp_path):
    with pytest.raises(ConfigError, match=r'cannot load ".*none.pem"'):
        site(tmp_path, challenge="account_key none.pem;")


def test_the_keys_of_accounts_are_read_by_the_master(tmp_path):
    key = tmp_path / "my.key"
    shutil.copy(folder() / "localhost.key", key)
    with site(tmp_path, challenge=f"account_key {key};") as server:
        (managed,) = server.generation.managed
        assert managed.wanted.issuers[0].account_key == key.read_text()


def test_curl_believes_the_internal_authority_of_the_switch():
    text = "server { listen %PORT% ssl; server_name localhost; https auto redirect=off;"
    with Inside(text + " return 200 here; }") as server:
        issue(server)
        root = server.prefix / "forkproxy.state/internal/root.crt"
        url = f"https://localhost:{server.port}/"
        said = subprocess.run(
            ["curl", "-sS", "--cacert", root, url], capture_output=True, text=True, check=False
        )
        assert (said.stdout, said.stderr) == ("here", "")


def test_other_servers_of_the_address_go_on_with_their_own(tmp_path):
    other = f"server {{ listen %PORT% ssl; server_name localhost; {server_lines()} }}"
    mine = f"server {{ listen %PORT% ssl; server_name a.test; acme_certificate ca; {PAIR} }}"
    with Inside(mine + other, http=ISSUER.format(tmp_path, "")) as server:
        issue(server)
        assert shown(server, "localhost") == (folder() / "localhost.crt").read_text()
        assert shown(server) != shown(server, "localhost")


def test_the_pair_may_stand_outside_of_the_servers_and_means_those_with_a_certificate(tmp_path):
    servers = "server { listen %PORT% ssl; server_name a.test; acme_certificate ca; }"
    servers += "server { listen %PORT2%; return 200 plain; }"
    with Inside(servers, http=ISSUER.format(tmp_path, "") + PAIR) as server:
        issue(server)
        assert shown(server)
        assert get(server.word("PORT2")).body == b"plain"
