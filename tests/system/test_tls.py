"""TLS with real processes: sessions over workers and reloads, and files that change."""

import base64
import contextlib
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.api import line
from tests.support.eventually import eventually
from tests.support.proxy import Proxy
from tests.support.tls import TlsClient, client_context, folder

CONF = """
    events { worker_connections 2048; } http { access_log off; server { listen %PORT% ssl; MORE
    default_type text/html; ssl_certificate %PREFIX%/it.crt; ssl_certificate_key %PREFIX%/it.key;
    return 200 $pid; } }
"""


class Secure(Proxy):
    """A Proxy that shows the certificate for localhost out of files of its own."""

    def __init__(self, more="", **given):
        self._more = more
        super().__init__(CONF.replace("MORE", more), **given)

    def write(self, conf):
        show(self, "localhost")
        super().write(conf)


def show(proxy, name):
    """Put another certificate in the place of the one that is shown."""
    for suffix in (".crt", ".key"):
        new = proxy.prefix / ("new" + suffix)
        shutil.copy(folder() / (name + suffix), new)
        os.replace(new, proxy.prefix / ("it" + suffix))


def subject(proxy):
    with TlsClient(proxy.address, verify=False) as client:
        octets = client.socket.getpeercert(binary_form=True)
    return ssl.DER_cert_to_PEM_cert(octets)


def test_a_session_is_resumed_in_any_worker_and_after_a_reload():
    with Secure(workers=2) as proxy:
        context = client_context(version=ssl.TLSVersion.TLSv1_2)
        session, pids = None, set()
        for turn in range(12):
            with TlsClient(proxy.address, context=context, session=session) as client:
                pids.add(client.get().body)
                assert client.socket.session_reused == (turn > 0)
                session = client.socket.session
            if turn == 5:
                proxy.reload()
        assert len(pids) > 1


def test_a_changed_certificate_is_shown_without_being_told():
    with Secure() as proxy:
        show(proxy, "other.test")
        expected = (folder() / "other.test.crt").read_text()
        eventually(lambda: subject(proxy) == expected, within=15, what="the new certificate")


def test_a_certificate_is_replaced_on_the_control_socket():
    def said(text):
        return line(f"unix:{proxy.prefix}/forkproxy.sock", text)

    with Secure() as proxy:
        name = str(proxy.prefix / "it.crt")
        pem = "".join((folder() / f"rsa{suffix}").read_text() for suffix in (".crt", ".key"))
        assert said(f"set ssl cert {name} <<\n{pem}").startswith("Transaction created")
        assert subject(proxy) == (folder() / "localhost.crt").read_text()
        assert said(f"commit ssl cert {name}") == f"Committing {name}.\nSuccess!\n\n"
        # A worker that has not heard yet that it drains may take one more connection.
        expected = (folder() / "rsa.crt").read_text()
        eventually(lambda: subject(proxy) == expected, what="the new certificate")
        assert Path(name).read_text() == (folder() / "rsa.crt").read_text()
        # What else is wrong ends the reload: the files are as they were, and so is the answer.
        proxy.conf.write_text("nonsense;")
        other = "".join(
            (folder() / f"other.test{suffix}").read_text() for suffix in (".crt", ".key")
        )
        said(f"set ssl cert {name} <<\n{other}")
        assert "nonsense" in said(f"commit ssl cert {name}")
        assert Path(name).read_text() == (folder() / "rsa.crt").read_text()
        assert subject(proxy) == (folder() / "rsa.crt").read_text()


def scanner():
    """Return sslyze's program; it has an environment of its own (scripts/test makes it)."""
    own = Path(sys.prefix, "scanner", "bin", "sslyze")
    return str(own) if own.exists() else shutil.which("sslyze")


@pytest.mark.skipif(scanner() is None, reason="sslyze is not installed")
def test_the_intermediate_preset_is_what_mozilla_recommends():
    with Secure("ssl_preset intermediate;") as proxy:
        words = [scanner(), "--mozilla_config=intermediate", proxy.address]
        said = subprocess.run(words, capture_output=True, text=True, timeout=60).stdout
    _, heading, verdict = said.partition("COMPLIANCE AGAINST")
    assert heading, said
    found = {line.split(":")[0].strip(" *") for line in verdict.splitlines() if "  * " in line}
    # That is said of the certificate: nobody knows its authority, and it lives for long.
    assert found <= {"certificate_path_validation", "maximum_certificate_lifespan"}, verdict


def test_a_thousand_half_open_handshakes_keep_nobody_else_waiting():
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # the first octets of a ClientHello
    with Secure("client_header_timeout 2s;") as proxy, contextlib.ExitStack() as opened:
        host, _, port = proxy.address.rpartition(":")
        halves = [
            opened.enter_context(socket.create_connection((host, int(port)), timeout=20))
            for _ in range(1000)
        ]
        for half in halves:
            half.sendall(hello)
        with TlsClient(proxy.address, verify=False) as client:
            assert client.get().status == 200
        assert all(half.recv(100) == b"" for half in halves)
        with TlsClient(proxy.address, verify=False) as client:
            assert client.get().status == 200


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_chromium_speaks_to_it(tmp_path):
    with Secure("ssl_preset intermediate;") as proxy:
        leaf = x509.load_pem_x509_certificate((proxy.prefix / "it.crt").read_bytes())
        key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
        words += [f"--user-data-dir={tmp_path}", f"--ignore-certificate-errors-spki-list={trusted}"]
        words += [f"https://{proxy.address}/"]
        shown = subprocess.run(words, capture_output=True, text=True, timeout=60).stdout
        assert re.search(r">\d+<", shown)  # the process that served it
