"""$ssl_*: what tests/net/test_tls_facts.py does not ask for."""

import ssl

import pytest

from tests.support.client import get
from tests.support.inside import Inside
from tests.support.tls import TlsClient, client_context, server_lines

ALL = "$ssl_protocol$ssl_cipher$ssl_ciphers$ssl_curve$ssl_session_id$ssl_client_verify"


def answering(text):
    return Inside(
        f'server {{ listen %PORT% ssl; listen %PORT2%; {server_lines()} return 200 "{text}"; }}'
    )


def test_without_tls_they_are_empty():
    with answering(f"[{ALL}]") as server:
        assert get(server.word("PORT2")).body == b"[]"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_says_so(version):
    context = client_context(version=version)
    with answering("$ssl_session_reused") as server:
        with TlsClient(server.address, context=context) as client:
            assert client.get().body == b"."
            session = client.socket.session
        with TlsClient(server.address, context=context, session=session) as client:
            assert client.get().body == b"r"


def test_the_name_and_the_protocol_that_were_agreed_on():
    with (
        answering("$ssl_server_name $ssl_alpn_protocol") as server,
        TlsClient(server.address, protocols=["http/1.1"]) as client,
    ):
        assert client.get().body == b"localhost http/1.1"


def test_a_session_has_a_number():
    with (
        answering("$ssl_session_id") as server,
        TlsClient(server.address, version=ssl.TLSVersion.TLSv1_2) as client,
    ):
        first = client.get().body
        assert client.get().body == first
