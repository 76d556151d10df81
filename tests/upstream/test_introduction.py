"""Connections to peers that begin with a PROXY header, and whose requests they carry."""

import pytest

from forkproxy.upstream.introduction import Introduction
from forkproxy.wire.proxy_line import parse
from tests.support.client import Client, get
from tests.support.inside import Inside
from tests.support.tls import server_lines

PEER = """
    server {{ listen %PORT2% proxy_protocol {0}; {1}
        set $who "$proxy_protocol_addr:$proxy_protocol_port";
        return 200 "$who|$proxy_protocol_server_port|$connection"; }}
"""


def passing(text, scheme="http", more=""):
    """Serve at %PORT% what the server at %PORT2% answers, which wants a PROXY header."""
    here = f"""
        server {{ listen %PORT%; {more} location / {{ {text} proxy_http_version 1.1;
        proxy_set_header Connection ""; proxy_pass {scheme}://%PORT2%; }} }}
    """
    peer = PEER.format("ssl", server_lines()) if scheme == "https" else PEER.format("", "")
    return Inside(here, peer)


def said(client):
    """Return who the peer thinks that the client is, and on which connection it heard it."""
    who, _, number = client.get().body.rpartition(b"|")
    return who.decode(), number


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("version", ["on", "v1", "v2"])
def test_the_peer_is_told_who_the_client_is(version, scheme):
    with (
        passing(f"proxy_protocol {version};", scheme) as server,
        Client(server.address) as client,
    ):
        host, port = client.socket.getsockname()
        expected = f"{host}:{port}|{server.address.rpartition(':')[2]}"
        assert said(client)[0] == expected


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_connection_is_kept_for_the_client_it_was_opened_for(scheme):
    with (
        passing("proxy_protocol v2;", scheme) as server,
        Client(server.address) as first,
        Client(server.address) as second,
    ):
        assert said(first) == said(first)
        assert said(first) != said(second)
        assert said(second)[1] == said(second)[1]


def test_the_client_is_whom_realip_found():
    more = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Real-IP;"
    with passing("proxy_protocol on;", more=more) as server:
        answer = get(server.address, b"/", b"X-Real-IP: 192.0.2.7")
        assert answer.body.startswith(b"192.0.2.7:")


def test_a_health_check_says_that_it_is_for_nobody():
    for version in (1, 2):
        header = Introduction(version).of_nobody()
        line, length = parse(header)
        assert length == len(header)
        assert line.address is None
