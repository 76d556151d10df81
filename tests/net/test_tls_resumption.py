"""Sessions are resumed: by tickets of any worker, and as a client by what a peer gave."""

import ssl

import pytest

from forkproxy.net.tls_context import TlsContext
from forkproxy.net.tls_tickets import TicketKeys
from tests.support.hub import begin, in_hub
from tests.support.tls import client_context, folder
from tests.support.tls_pair import pair, server_context, sockets


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
