"""A TlsStream whose other end is Python's ssl: the other half of OpenSSL."""

from __future__ import annotations

import contextlib
import socket

from forkproxy.net.tls import Always, TlsStream
from forkproxy.net.tls_certificate import Certificate
from forkproxy.net.tls_context import TlsContext
from tests.support.hub import begin, in_hub
from tests.support.tls import client_context, folder


def certificate(name="localhost"):
    files = [(folder() / f"{name}{suffix}").read_bytes() for suffix in (".crt", ".key")]
    return Certificate(f"{name}.crt", files[0], f"{name}.key", files[1])


def server_context(*names):
    made = TlsContext(server=True)
    for name in names or ("localhost",):
        made.use(certificate(name))
    return made


def sockets():
    ours, other = socket.socketpair()
    ours.setblocking(False)
    other.settimeout(5.0)
    return in_hub(TlsStream, ours.detach()), other


@contextlib.contextmanager
def pair(context=None, protocols=(), client=None, name="localhost", session=None):
    """A stream as server, and Python's socket at its other end, after the handshake."""
    stream, other = sockets()
    finish = begin(stream.accept, Always(context or server_context(), protocols))
    other = (client or client_context()).wrap_socket(other, server_hostname=name, session=session)
    finish()
    try:
        yield stream, other
    finally:
        in_hub(stream.close)
        other.close()
