"""Let's Encrypt's own test server, and a name server that says 127.0.0.1 of every name.

    with Pebble(http_port, tls_port) as pebble:
        issuer = pebble.issuer("test")      # an acme_issuer block

Each start has a new root and knows no account: an authority that has lost its memory.
"""

import json
import os
import shutil
import ssl
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from tests.support.eventually import PATIENCE, eventually
from tests.support.sockets import connect, free_port
from tests.support.tls import folder

START = PATIENCE  # seconds


def installed():
    """Tell whether both programs are there."""
    return bool(shutil.which("pebble") and shutil.which("pebble-challtestsrv"))


class Pebble:
    """One pebble. It validates at once, and refuses `reject` percent of the nonces.

    Attributes:
        directory: its URL.
    """

    def __init__(self, http_port, tls_port, reject=0, external=None):
        self._folder = Path(tempfile.mkdtemp(prefix="pebble-"))
        self._port, self._management, names = free_port(), free_port(), free_port()
        self._names = f"127.0.0.1:{names}"
        self._reject = reject
        self._processes = []
        self.directory = f"https://127.0.0.1:{self._port}/dir"
        made = {
            "listenAddress": f"127.0.0.1:{self._port}",
            "managementListenAddress": f"127.0.0.1:{self._management}",
            "certificate": str(folder() / "address.crt"),
            "privateKey": str(folder() / "address.key"),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "externalAccountBindingRequired": bool(external),
            "externalAccountMACKeys": external or {},
        }
        (self._folder / "config.json").write_text(json.dumps({"pebble": made}))
        try:
            self._start_names()
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _run(self, *command, **environment):
        with (self._folder / "output").open("ab") as output:
            started = subprocess.Popen(
                command,
                cwd=self._folder,
                env=os.environ | environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(started)
        return started

    def _start_names(self):
        off = [word for kind in ("http01", "https01", "tlsalpn01") for word in (f"-{kind}", "")]
        self.records = f"127.0.0.1:{free_port()}"
        where = ["-dns01", self._names, "-management", self.records, "-defaultIPv6", ""]
        self._run("pebble-challtestsrv", *off, *where)
        eventually(lambda: connect(self.records).close() or True, START, "the name server")

    def start(self):
        """Start it, with nothing in its memory."""
        settings = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": str(self._reject)}
        command = ["pebble", "-config", "config.json", "-dnsserver", self._names]
        self._process = self._run(*command, **settings)
        eventually(self.root, START, "pebble")

    def stop(self):
        """End it; start() begins a new one."""
        self._process.kill()
        self._process.wait()

    def close(self):
        """End both, and leave no file."""
        for process in self._processes:
            process.kill()
            process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def said(self):
        """Return what it printed."""
        return (self._folder / "output").read_text("utf-8", "replace")

    def root(self):
        """Return its root, as PEM."""
        return self._ask("roots/0").decode()

    def status(self, certificate):
        """Return what it says of a certificate (DER): Valid or Revoked."""
        serial = ssl_serial(certificate)
        return json.loads(self._ask(f"cert-status-by-serial/{serial}"))["Status"]

    def _ask(self, path):
        url = f"https://127.0.0.1:{self._management}/{path}"
        context = ssl.create_default_context(cafile=folder() / "ca.pem")
        with urllib.request.urlopen(url, context=context, timeout=5) as answer:
            return answer.read()

    def issuer(self, name, more="", challenge="http-01"):
        """Return an acme_issuer block for it."""
        return f"""acme_issuer {name} {{
            uri {self.directory};
            challenge {challenge};
            contact admin@example.com;
            ssl_trusted_certificate {folder()}/ca.pem;
            accept_terms_of_service;
            {more}
        }}"""


def ssl_serial(certificate):
    """Return the serial number of a certificate (DER), as pebble writes it."""
    from cryptography import x509

    return f"{x509.load_der_x509_certificate(certificate).serial_number:x}"
