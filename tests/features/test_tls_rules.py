"""No mixture of SNI, Host and certificate leads past ssl_verify_client."""

import contextlib
import itertools
import ssl

import pytest

from tests.support.client import get, request
from tests.support.http2 import Client2
from tests.support.inside import Inside
from tests.support.tls import TlsClient, client_context, folder, server_lines

OPEN = "server {{ listen %PORT% ssl; server_name open; {0} {1} return 200 open; }}"
GUARDED = (
    "server {{ listen %PORT% ssl; server_name guarded; {0} ssl_verify_client {2};"
    "ssl_client_certificate {1}/ca.pem; {3} return 200 guarded; }}"
)


def servers(how="on", more="", first="open"):
    """Return two servers of one address, of which one lets nobody in without a certificate."""
    made = {
        "open": OPEN.format(server_lines(), ""),
        "guarded": GUARDED.format(server_lines(), folder(), how, more),
    }
    return [made.pop(first), *made.values()]


def guarded(how="on", more="", first="open"):
    return Inside(*servers(how, more, first))


def ask(server, name, host, **client):
    with TlsClient(server.address, name, verify=False, **client) as connection:
        return connection.ask(request(b"GET", b"/", host=host))


@pytest.mark.parametrize("first", ["open", "guarded"])
def test_nobody_without_a_certificate_gets_in(first):
    names = (None, "open", "guarded", "unknown")
    hosts = (b"open", b"guarded", b"unknown", b"GUARDED", b"guarded:443", b"guarded.")
    with guarded(first=first) as server:
        for name, host in itertools.product(names, hosts):
            assert ask(server, name, host).body != b"guarded", (name, host)


@pytest.mark.parametrize("first", ["open", "guarded"])
def test_nor_by_a_later_request_or_by_a_target_in_absolute_form(first):
    with guarded(first=first) as server:
        for name in (None, "open", "guarded"):
            for asked in (
                request(b"GET", b"/", host=b"guarded"),
                request(b"GET", b"https://guarded/", host=b"open"),
                request(b"GET", b"https://guarded:443/", host=b"guarded"),
            ):
                with TlsClient(server.address, name, verify=False) as client:
                    client.ask(request(b"GET", b"/", host=b"open"))
                    assert client.ask(asked).body != b"guarded", (name, asked)


@pytest.mark.parametrize("how", ["on", "optional"])
def test_what_another_server_verified_is_no_way_in(how):
    other = (
        f"server {{ listen %PORT% ssl; server_name lax; {server_lines()} return 200 lax;"
        f"ssl_verify_client {how}; ssl_client_certificate {folder()}/stranger.crt; }}"
    )
    strict = GUARDED.format(server_lines(), folder(), "on", "")
    with Inside(other + strict) as server:
        for certificate in ("client", "stranger", None):
            answer = ask(server, "lax", b"guarded", certificate=certificate)
            assert answer.status == 421, certificate


@contextlib.contextmanager
def by_http2(server, name, certificate=None):
    context = client_context(certificate, protocols=["h2"], verify=False)
    with Client2(
        server.address, wrap=lambda sock: context.wrap_socket(sock, server_hostname=name)
    ) as client:
        yield client


def head(method=b"GET", **hosts):
    """Return a head; `authority` and `host` say in which way, or ways, it names its server."""
    fields = [(b":method", method), (b":scheme", b"https"), (b":path", b"/")]
    names = {"authority": b":authority", "host": b"host"}
    return [*fields, *((names[way], host.encode()) for way, host in hosts.items())]


@pytest.mark.parametrize("first", ["open", "guarded"])
@pytest.mark.parametrize("name", [None, "open", "guarded", "unknown"])
@pytest.mark.parametrize("certificate", [None, "stranger", "expired"])
def test_nor_does_a_stream_of_http2(first, name, certificate):
    hosts = ("open", "guarded", "GUARDED", "guarded:443", "guarded.", "unknown", "open", "guarded")
    with (
        Inside(*servers(first=first), http="http2 on;") as server,
        by_http2(server, name, certificate) as client,
    ):
        for host in hosts:
            for ways in ({"authority": host}, {"host": host}, {"authority": host, "host": host}):
                answer = client.answer(client.request_of(head(**ways)))
                assert answer.body != b"guarded", ways
                if host.lower().startswith("guarded"):
                    assert answer.status in (400, 421), ways


@pytest.mark.parametrize("name", [None, "open", "guarded"])
def test_nor_one_that_names_two_servers(name):
    with Inside(*servers(), http="http2 on;") as server, by_http2(server, name) as client:
        for one, other in itertools.permutations(("open", "guarded")):
            fields = head(authority=one, host=other)
            assert client.answer(client.request_of(fields)).status == 400


def test_nor_one_that_would_become_a_websocket():
    with Inside(*servers(), http="http2 on;") as server, by_http2(server, "open") as client:
        asked = head(b"CONNECT", authority="guarded")
        asked.insert(1, (b":protocol", b"websocket"))
        assert client.answer(client.request_of(asked)).status == 421


def test_a_connection_with_a_certificate_is_no_way_in_by_another_name():
    with Inside(*servers(), http="http2 on;") as server:
        with by_http2(server, "guarded", "client") as client:
            assert client.get(authority="guarded").body == b"guarded"
        with by_http2(server, "open", "client") as client:
            assert client.get(authority="guarded").status == 421
            assert client.get(authority="open").body == b"open"


def test_with_one_they_do():
    with guarded() as server:
        assert ask(server, "guarded", b"guarded", certificate="client").body == b"guarded"


def test_by_another_name_it_is_421():
    with guarded() as server:
        assert ask(server, "open", b"guarded", certificate="client").status == 421
        assert ask(server, "guarded", b"open", certificate="client").status == 200


def test_without_a_name_it_is_421_where_the_default_server_has_other_rules():
    with guarded() as server:
        assert ask(server, None, b"guarded", certificate="client").status == 421
    with guarded(first="guarded") as server:
        assert ask(server, None, b"guarded", certificate="client").status == 200


def test_no_certificate_is_496():
    with guarded(more="error_page 496 =403 @none; location @none { return 403; }") as server:
        assert ask(server, "guarded", b"guarded").status == 403
    with guarded() as server:
        answer = ask(server, "guarded", b"guarded")
        assert answer.status == 400
        assert b"No required SSL certificate was sent" in answer.body


@pytest.mark.parametrize("certificate", ["stranger", "expired"])
def test_a_bad_one_is_495_even_where_none_is_needed(certificate):
    for how in ("on", "optional"):
        with guarded(how) as server:
            answer = ask(server, "guarded", b"guarded", certificate=certificate)
            assert answer.status == 400
            assert b"The SSL certificate error" in answer.body


def test_a_revoked_one_is_495():
    with guarded(more=f"ssl_crl {folder()}/crl.pem;") as server:
        assert ask(server, "guarded", b"guarded", certificate="revoked").status == 400
        assert ask(server, "guarded", b"guarded", certificate="client").status == 200


def test_optional_lets_in_who_has_none():
    with guarded("optional") as server:
        assert ask(server, "guarded", b"guarded").body == b"guarded"


def test_without_known_authorities_only_the_issuer_may_be_unknown():
    with guarded("optional_no_ca") as server:
        assert ask(server, "guarded", b"guarded", certificate="stranger").body == b"guarded"
        assert ask(server, "guarded", b"guarded", certificate="expired").status == 400


def test_the_versions_of_the_chosen_server_hold():
    modern = guarded("off", more="ssl_protocols TLSv1.3;")
    with modern as server:
        assert ask(server, "open", b"open", version=ssl.TLSVersion.TLSv1_2).body == b"open"
        with pytest.raises(ssl.SSLError):
            ask(server, "guarded", b"guarded", version=ssl.TLSVersion.TLSv1_2)
    with guarded("off", more="ssl_protocols TLSv1.3;", first="guarded") as server:
        assert ask(server, "open", b"open", version=ssl.TLSVersion.TLSv1_2).body == b"open"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_of_one_server_is_not_resumed_at_another(version):
    with guarded() as server:
        context = client_context(certificate="client", version=version, verify=False)
        with TlsClient(server.address, "open", context=context) as client:
            client.ask(request(b"GET", b"/", host=b"open"))
            session = client.socket.session
        with TlsClient(server.address, "open", context=context, session=session) as client:
            assert client.socket.session_reused
        with TlsClient(server.address, "guarded", context=context, session=session) as client:
            assert not client.socket.session_reused


def test_plain_addresses_of_the_server_are_not_concerned():
    text = GUARDED.format(server_lines(), folder(), "on", "listen %PORT2%;")
    with Inside(text) as server:
        assert get(server.word("PORT2")).body == b"guarded"
