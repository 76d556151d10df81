from tests.support.client import Client
from tests.support.inside import Inside
from tests.support.tls import TlsClient, server_lines

FIELD = b"Strict-Transport-Security"


def site(options):
    return Inside(
        f"server {{ listen %PORT% ssl; listen %PORT2%; server_name localhost; {server_lines()}"
        f" https auto {options} redirect=off; location / {{ add_header X y; return 200; }} }}"
    )


def test_it_is_said_by_tls_whatever_a_location_adds():
    with site("hsts=1d") as server:
        with TlsClient(server.address) as client:
            answer = client.get()
        assert answer.get(FIELD) == b"max-age=86400"
        assert answer.get(b"X") == b"y"


def test_it_is_not_said_in_plain():
    with site("hsts=1d") as server, Client(server.word("PORT2")) as client:
        assert client.get().get(FIELD) is None


def test_without_hsts_nothing_is_said():
    with site("") as server, TlsClient(server.address) as client:
        assert client.get().get(FIELD) is None
