"""Handshakes with clients are counted, with why some of them failed."""

import ssl

import pytest

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Row, SslCell, ZoneCell
from tests.support.client import Client
from tests.support.eventually import eventually
from tests.support.inside import Inside
from tests.support.tls import TlsClient, client_context, folder, server_lines


def serving(text=""):
    made = cells.make(2)
    made.board.claim(Row.FIRST_WORKER)
    lines = f"listen %PORT% ssl; {server_lines()} status_zone here; {text} return 200;"
    return Inside(f"server {{ {lines} }}", cells=made.of(Row.FIRST_WORKER))


def counted(server, kind="ssl", name=""):
    """Return what was counted, as a function of a cell."""
    first = server.cells.tally(kind, name)
    return lambda cell: server.cells.board.total(first + cell)


def expect(server, **numbers):
    """Wait until the cells of these names have these numbers."""
    count = counted(server)
    for name, number in numbers.items():
        cell = SslCell[f"SSL_{name.upper()}"]
        eventually(lambda cell=cell, n=number: count(cell) == n, what=f"{number} {name}")


def test_handshakes_and_those_that_resumed():
    context = client_context()
    with serving() as server:
        session = None
        for _ in range(2):
            with TlsClient(server.address, context=context, session=session) as client:
                client.get()
                session = client.socket.session
        expect(server, handshakes=2, session_reuses=1, handshakes_failed=0)
        zone = counted(server, "server_zone", "here")
        assert zone(ZoneCell.ZONE_HANDSHAKES) == 2
        assert zone(ZoneCell.ZONE_SESSION_REUSES) == 1


def test_noise_is_a_handshake_that_failed():
    with serving() as server:
        with Client(server.address) as client:
            client.send(b"\x16\x03\x01\x00\x05junk!")
            client.rest()
        expect(server, handshakes=0, handshakes_failed=1)


@pytest.mark.parametrize(
    ("text", "client", "reason"),
    [
        ("ssl_protocols TLSv1.3;", {"version": ssl.TLSVersion.TLSv1_2}, "no_common_protocol"),
        (
            "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256;",
            {"version": ssl.TLSVersion.TLSv1_2},
            "no_common_cipher",
        ),
        ("ssl_protocols TLSv1.2;", {"authority": "stranger.crt"}, "peer_rejected_cert"),
    ],
)
def test_why_some_failed(text, client, reason):
    if "authority" in client:
        context = ssl.create_default_context(cafile=folder() / client["authority"])
    else:
        context = client_context(**client)
    with serving(text) as server:
        with pytest.raises(ssl.SSLError):
            TlsClient(server.address, context=context)
        expect(server, handshakes_failed=1, **{reason: 1})


@pytest.mark.parametrize(
    ("certificate", "reason"),
    [(None, "no_cert"), ("expired", "expired_cert"), ("revoked", "revoked_cert")],
)
def test_what_was_wrong_with_certificates_of_clients(certificate, reason):
    text = f"ssl_verify_client on; ssl_client_certificate {folder()}/ca.pem;"
    text += f"ssl_crl {folder()}/crl.pem;"
    with serving(text) as server:
        with TlsClient(server.address, certificate=certificate) as client:
            client.get()
        expect(server, handshakes=1, **{reason: 1})
