"""A TlsStream is read and written as any stream; OpenSSL's other half is Python's ssl."""

import contextlib
import socket
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkproxy.errors import Gone
from forkproxy.net.poller import poller_object
from forkproxy.net.tls import Always, TlsFailed, TlsStream
from forkproxy.net.tls_context import Certificate, TlsContext
from forkproxy.net.tls_tickets import TicketKeys
from tests.support.eventually import eventually
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


def test_octets_go_both_ways():
    with pair() as (stream, other):
        other.send(b"question")
        assert in_hub(stream.recv) == b"question"
        in_hub(stream.send, b"answer")
        assert other.recv(100) == b"answer"
        assert (stream.received, stream.sent) == (8, 6)


def test_the_name_that_was_asked_for_is_known_in_lower_case():
    client = client_context(verify=False)
    with pair(client=client, name="LocalHost.Example") as (stream, _):
        assert stream.server_name == b"localhost.example"


def test_a_read_waits_for_what_comes():
    with pair() as (stream, other):
        finish = begin(stream.recv)
        other.send(b"late")
        assert finish() == b"late"


def test_what_was_decrypted_and_not_read_is_there_at_once():
    with pair() as (stream, other):
        other.send(b"abcdef")
        assert in_hub(stream.recv, 4) == b"abcd"
        assert stream.readable
        assert in_hub(stream.recv, 4) == b"ef"
        assert not stream.readable


def test_the_end_of_the_other_side_is_read_as_nothing():
    with pair() as (stream, other):
        other.send(b"last words")
        other.setblocking(False)
        with contextlib.suppress(ssl.SSLError, OSError):
            other.unwrap()
        assert in_hub(stream.recv) == b"last words"
        assert in_hub(stream.recv) == b""


def test_an_end_without_close_notify_is_one_too():
    with pair() as (stream, other), socket.socket(fileno=other.detach()) as bare:
        bare.shutdown(socket.SHUT_WR)
        assert in_hub(stream.recv) == b""


def test_our_end_says_goodbye():
    with pair() as (stream, other):
        in_hub(stream.close)
        assert other.recv(10) == b""  # Python raises where close_notify is missing


def test_our_direction_ends_and_the_other_goes_on():
    with pair() as (stream, other):
        in_hub(stream.shut)
        assert other.recv(10) == b""
        other.send(b"still here")
        assert in_hub(stream.recv) == b"still here"


def test_more_than_the_kernel_takes_is_sent_as_there_is_room():
    octets = bytes(range(256)) * 20_000
    with pair() as (stream, other):
        finish = begin(stream.send, octets)
        got = bytearray()
        while len(got) < len(octets):
            got += other.recv(1 << 16)
        finish()
        assert got == octets
        assert stream.sent == len(octets)


def test_who_waits_for_room_is_told_when_time_is_over():
    with pair() as (stream, _):
        stream.write_limit = 0.1
        with pytest.raises(TimeoutError):
            in_hub(stream.send, b"x" * 5_000_000)


def test_who_waits_to_read_is_told_when_time_is_over():
    with pair() as (stream, _):
        stream.read_limit = 0.1
        with pytest.raises(TimeoutError):
            in_hub(stream.recv)


def test_who_waits_stops_when_nobody_wants_the_outcome():
    with pair() as (stream, _):
        finish = begin(stream.recv)
        in_hub(stream.abandon)
        with pytest.raises(Gone):
            finish()


def test_large_records_are_read_by_small_reads():
    octets = bytes(range(256)) * 64
    with pair() as (stream, other):
        other.send(octets)
        got = b""
        while len(got) < len(octets):
            got += in_hub(stream.recv, 1000)
        assert got == octets


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 70_000), min_size=1, max_size=6))
def test_sizes_of_writes_do_not_matter(sizes):
    octets = [bytes([index % 256]) * size for index, size in enumerate(sizes)]
    with pair() as (stream, other):
        finish = begin(lambda: [stream.send(piece) for piece in octets])
        got = bytearray()
        while len(got) < sum(sizes):
            got += other.recv(1 << 16)
        finish()
        assert got == b"".join(octets)


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


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_ticket_is_opened_by_another_context_with_the_same_keys(version):
    client = client_context(version=version)
    keys = TicketKeys(given=[b"k" * 80])
    contexts = [server_context(), server_context()]
    session = None
    for context in contexts:
        context.tickets = keys
        context.identify(b"same")
        with pair(context, client=client, session=session) as (stream, other):
            reused = other.session_reused
            in_hub(stream.send, b"x")
            other.recv(1)
            session = other.session
    assert reused


def test_an_older_key_opens_and_a_foreign_one_does_not():
    client = client_context(version=ssl.TLSVersion.TLSv1_2)

    def ask(given, session):
        context = server_context()
        context.tickets = TicketKeys(given=given)
        context.identify(b"same")
        with pair(context, client=client, session=session) as (_, other):
            return other.session_reused, other.session

    _, session = ask([b"a" * 48], None)
    assert ask([b"b" * 48, b"a" * 48], session)[0]
    assert not ask([b"c" * 48], session)[0]


def test_as_a_client_it_resumes_what_it_had():
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder() / "localhost.crt", folder() / "localhost.key")
    context = TlsContext(server=False)
    context.resumable = {}
    context.sends_name = True
    reused = []
    for _ in range(2):
        stream, other = sockets()
        finish = begin(stream.connect, context, b"localhost", "peer")
        other = server.wrap_socket(other, server_side=True)
        finish()
        other.send(b"hello")
        assert in_hub(stream.recv) == b"hello"
        reused.append(other.session_reused)
        in_hub(stream.close)
        other.close()
    assert reused == [False, True]


def test_before_tls_it_is_plain():
    stream, other = sockets()
    other.send(b"plain")
    assert in_hub(stream.recv) == b"plain"
    in_hub(stream.send, b"too")
    assert other.recv(10) == b"too"
    in_hub(stream.close)


def test_who_closes_early_leaves_nothing_waiting():
    with pair() as (stream, _):
        finish = begin(stream.recv)
        eventually(lambda: not stream.readable, what="the reader waits")
        in_hub(stream.close)
        with pytest.raises(OSError, match="closed"):
            finish()
