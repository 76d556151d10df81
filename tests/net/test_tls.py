"""Two sides agree on TLS, or one says why not; OpenSSL's other half is Python's ssl."""

import contextlib
import ssl

import pytest

from forkproxy.net.poller import poller_object
from forkproxy.net.tls import Always, TlsFailed
from tests.support.hub import begin, in_hub
from tests.support.tls import client_context
from tests.support.tls_pair import pair, server_context, sockets


def test_the_name_that_was_asked_for_is_known_in_lower_case():
    client = client_context(verify=False)
    with pair(client=client, name="LocalHost.Example") as (stream, _):
        assert stream.server_name == b"localhost.example"


def test_the_first_protocol_of_ours_that_the_client_offers_is_agreed_on():
    client = client_context(protocols=["http/1.1", "h2"])
    with pair(protocols=(b"h2", b"http/1.1"), client=client) as (stream, other):
        assert stream.agreed() == b"h2"
        assert other.selected_alpn_protocol() == "h2"


def test_a_client_that_offers_none_of_ours_is_refused():
    stream, other = sockets()
    finish = begin(stream.accept, Always(server_context(), (b"h2",)))
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        client_context(protocols=["smtp"]).wrap_socket(other, server_hostname="localhost")
    with pytest.raises(TlsFailed):
        finish()
    in_hub(stream.close)


def test_noise_fails_the_handshake_and_says_so_to_the_other_side():
    stream, other = sockets()
    finish = begin(stream.accept, Always(server_context()))
    other.send(b"\x16\x03\x01\x00\x05noise")
    with pytest.raises(TlsFailed, match="SSL_do_handshake"):
        finish()
    assert other.recv(100)[:1] == b"\x15"  # an alert
    in_hub(stream.close)


def test_a_handshake_has_its_time():
    stream, _other = sockets()
    stream.read_by = poller_object.now + 0.1
    with pytest.raises(TimeoutError):
        in_hub(stream.accept, Always(server_context()))
    in_hub(stream.close)


def test_a_hello_may_come_octet_by_octet():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    half = client_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        half.do_handshake()
    stream, other = sockets()
    finish = begin(stream.accept, Always(server_context()))
    for octet in outgoing.read():
        other.send(bytes([octet]))
    while True:
        incoming.write(other.recv(1 << 16))
        try:
            half.do_handshake()
            break
        except ssl.SSLWantReadError:
            pass
    other.send(outgoing.read())
    finish()
    assert stream.server_name == b"localhost"
    in_hub(stream.close)
    other.close()
