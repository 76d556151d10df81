"""Certificates from a real ACME server: obtained, renewed, and served whatever happens."""

import json
import socket
import ssl
import subprocess
import sys

import pytest

from tests.support import pebble
from tests.support.client import ask, request
from tests.support.eventually import eventually
from tests.support.pebble import Pebble
from tests.support.proxy import ROOT, Proxy
from tests.support.sockets import free_port

pytestmark = pytest.mark.skipif(
    not pebble.installed(), reason="pebble is not installed (Debian: apt install pebble)"
)
LONG = 40.0  # seconds for an order, on a machine that does other things

CONF = """
    events {} http { access_log off; ISSUER
    server { listen %PORT2%; return 404; }
    server { listen %PORT% ssl; server_name NAMES;
    acme_certificate test;
    ssl_certificate $acme_certificate; ssl_certificate_key $acme_certificate_key;
    MORE
    return 200 $ssl_server_name; } }
"""


class Site(Proxy):
    """A Proxy with a Pebble that looks at its ports."""

    def __init__(self, names, challenge="http-01", reject=0, more="", conf=CONF, **given):
        tls, plain = free_port(), free_port()
        self.pebble = Pebble(plain, tls, reject)
        issuer = self.pebble.issuer("test", challenge=challenge)
        text = conf.replace("ISSUER", issuer).replace("NAMES", names).replace("MORE", more)
        words = {"PORT": f"127.0.0.1:{tls}", "PORT2": f"127.0.0.1:{plain}"}
        super().__init__(text, **words, **given)

    def stop(self):
        super().stop()
        self.pebble.close()

    def certificate(self, name):
        """Return the certificate that is shown for a name (DER), verified against pebble's root."""
        context = ssl.create_default_context(cadata=self.pebble.root())
        sock = socket.create_connection(("127.0.0.1", self.port()), 5)
        with sock, context.wrap_socket(sock, server_hostname=name) as tls:
            return tls.getpeercert(binary_form=True)

    def issued(self, name, besides=b""):
        """Wait until another certificate than `besides` is shown, and return it."""

        def found():
            shown = self.certificate(name)
            return shown if shown != besides else None

        try:
            return eventually(found, LONG, f"a certificate for {name}")
        except AssertionError as error:
            error.add_note(self.error_log() + self.pebble.said()[-3000:])
            raise

    def ask(self, *words):
        """Return what a command of ours says."""
        where = ["-c", str(self.conf), "-p", str(self.prefix)]
        command = [sys.executable, "-m", "forkproxy", *words, *where]
        environment = self.environment()
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT
        ).stdout

    def all_status(self):
        """Return what `forkproxy status` knows of certificates."""
        return json.loads(self.ask("status", "--format", "json"))["certificates"]

    def status(self):
        """Return what it knows of the first."""
        return self.all_status()[0]


def test_one_certificate_for_several_names_is_obtained_though_half_the_nonces_are_refused():
    with Site("example.com www.example.com", reject=50, workers=2) as site:
        first = site.issued("example.com")
        assert site.certificate("www.example.com") == first
        status = site.status()
        assert status["state"] == "issued"
        assert status["names"] == ["example.com", "www.example.com"]
        assert status["issuer"] == "test"


def test_a_name_is_proved_by_tls_and_what_is_revoked_is_replaced():
    with Site("example.com", challenge="tls-alpn-01", workers=2) as site:
        first = site.issued("example.com")
        assert "is being renewed" in site.ask("renew", "example.com", "--revoke")
        site.issued("example.com", besides=first)
        eventually(lambda: site.pebble.status(first) == "Revoked", 10, "the revocation")
        assert site.certificate("example.com") != first


def test_a_reload_in_the_middle_of_an_order_loses_nothing():
    with Site("a.example.com b.example.com c.example.com") as site:
        eventually(lambda: "POST /order-plz" in site.pebble.said(), LONG, "an order")
        site.reload()
        site.issued("b.example.com")
        assert site.running()


def test_while_the_authority_is_away_handshakes_are_refused_and_later_all_is_well():
    with Site("example.com") as site:
        site.issued("example.com")
        site.pebble.stop()
        shown = site.ask("renew", "--all")
        assert "is being renewed" in shown
        failing = eventually(
            lambda: site.status() if site.status()["state"] == "failing" else None, LONG
        )
        assert "cannot reach the issuer" in failing["error"]
        assert failing["next_try"] > 0
        site.pebble.start()
        site.issued("example.com")


AUTO = """
    events {} http { access_log off; ISSUER
    server { listen %PORT% ssl; server_name NAMES; https auto hsts=1d redirect=%PORT2%;
    return 200 $ssl_server_name; } }
"""


def test_the_switch_answers_at_once_and_sends_people_over():
    with Site("shop.forkproxy.org", conf=AUTO) as site:
        answer = ask(site.word("PORT2"), request(b"GET", b"/a?b", host=b"shop.forkproxy.org"))
        assert answer.status == 308
        where = f"https://shop.forkproxy.org:{site.port()}/a?b"
        assert answer.get(b"Location") == where.encode()
        site.issued("shop.forkproxy.org")
        states = {one["issuer"]: one["state"] for one in site.all_status()}
        assert states["test"] == "issued"
        assert len(site.ask("trust", "--print").splitlines()) > 5
