"""TLS towards upstreams: who is met, how long that may take, and which connection serves whom."""

import contextlib
import socket

import pytest

from tests.support.client import get
from tests.support.inside import Inside
from tests.support.tls import folder, server_lines

UPSTREAM = """
    server {{ listen %PORT2% ssl; {lines} server_name localhost;
        ssl_verify_client optional_no_ca; ssl_client_certificate {folder}/ca.pem;
        return 200 "$ssl_server_name|$ssl_client_s_dn|$connection"; }}
    server {{ listen %PORT2%; server_name other.test;
        ssl_certificate {folder}/other.test.crt; ssl_certificate_key {folder}/other.test.key;
        return 200 "other|$connection"; }}
"""
VERIFY = "proxy_ssl_verify on; proxy_ssl_trusted_certificate {0}/ca.pem;"


@contextlib.contextmanager
def passing(text="", locations="", url="https://%PORT2%", name="localhost"):
    """Serve at %PORT% what the TLS server at %PORT2% answers."""
    upstream = UPSTREAM.format(lines=server_lines(), folder=folder())
    here = f"""
        server {{ listen %PORT%; proxy_http_version 1.1; proxy_ssl_name {name};
        {text.replace("FOLDER", str(folder()))} location / {{ proxy_pass {url}; }} {locations} }}
    """
    with Inside(here + upstream) as server:
        yield server


def test_a_request_goes_by_tls():
    with passing() as server:
        assert get(server.address).status == 200


def test_the_name_is_asked_for_where_it_shall_be():
    with passing("proxy_ssl_server_name on;") as server:
        assert get(server.address).body.startswith(b"localhost|")
    with passing() as server:
        assert get(server.address).body.startswith(b"|")


def test_an_address_is_no_name():
    with passing("proxy_ssl_server_name on;", name="127.0.0.1") as server:
        assert get(server.address).body.startswith(b"|")


def test_connections_are_kept():
    with passing() as server:
        assert get(server.address).body == get(server.address).body


def test_a_connection_that_was_opened_for_another_name_is_not_used():
    more = "location /other { proxy_ssl_name other.test; HOST proxy_pass https://%PORT2%; }"
    more = more.replace("HOST", "proxy_set_header Host other.test;")
    with passing("proxy_ssl_server_name on;", more) as server:
        assert get(server.address).body.startswith(b"localhost|")
        assert get(server.address, b"/other").body.startswith(b"other|")


def test_one_that_was_not_verified_is_not_used_where_that_is_asked_for():
    more = f"location /safe {{ {VERIFY.format(folder())} proxy_pass https://%PORT2%; }}"
    with passing(locations=more, name="wrong.test") as server:
        assert get(server.address).status == 200
        assert get(server.address, b"/safe").status == 502
        assert "does not match" in server.errors()


def test_who_is_verified_is_met():
    with passing(VERIFY.format(folder())) as server:
        assert get(server.address).status == 200


def test_of_another_authority_it_is_502():
    with passing(
        "proxy_ssl_verify on; proxy_ssl_trusted_certificate FOLDER/stranger.crt;"
    ) as server:
        assert get(server.address).status == 502
        assert "upstream SSL certificate verify error" in server.errors()


def test_our_certificate_is_shown():
    text = "proxy_ssl_certificate FOLDER/client.crt; proxy_ssl_certificate_key FOLDER/client.key;"
    with passing(text) as server:
        assert b"|CN=client|" in get(server.address).body


def test_its_name_may_have_variables():
    text = "proxy_ssl_certificate FOLDER/$arg_c.crt; proxy_ssl_certificate_key FOLDER/$arg_c.key;"
    with passing(text) as server:
        assert b"|CN=client|" in get(server.address, b"/?c=client").body
        assert b"|CN=revoked|" in get(server.address, b"/?c=revoked").body
        assert get(server.address, b"/?c=none").status == 502


def test_who_was_met_as_variables_say_is_met_anew_for_the_next_request():
    shown = "proxy_ssl_certificate FOLDER/{0}.crt; proxy_ssl_certificate_key FOLDER/{0}.key;"
    with passing(shown.format("$arg_who")) as server:
        first, second = (get(server.address, b"/?who=client").body for _ in range(2))
        assert b"CN=client" in first
        assert first != second
    with passing(shown.format("client")) as server:
        assert get(server.address).body == get(server.address).body


def test_a_url_with_variables_may_be_https():
    with passing(url="https://%PORT2%$request_uri") as server:
        assert get(server.address).status == 200
    with passing("set $scheme_there https;", url="$scheme_there://%PORT2%") as server:
        assert get(server.address).status == 200


def test_who_speaks_no_tls_is_502():
    with Inside(
        "server { listen %PORT%; location / { proxy_pass https://%PORT2%; } }"
        "server { listen %PORT2%; return 200; }"
    ) as server:
        assert get(server.address).status == 502
        assert "while SSL handshaking to upstream" in server.errors()


def test_who_does_not_answer_in_time_is_504():
    conf = "location / { proxy_connect_timeout 300ms; proxy_pass https://%SILENT%; }"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = "{}:{}".format(*listener.getsockname())
        with Inside(conf, SILENT=silent) as server:
            assert get(server.address).status == 504


def test_versions_hold():
    text = "proxy_ssl_protocols TLSv1.2; proxy_ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256;"
    upstream = (
        f"server {{ listen %PORT2% ssl; {server_lines()} return 200 $ssl_protocol:$ssl_cipher; }}"
    )
    here = f"server {{ listen %PORT%; {text} location / {{ proxy_pass https://%PORT2%; }} }}"
    with Inside(here + upstream) as server:
        assert get(server.address).body == b"TLSv1.2:ECDHE-ECDSA-AES128-GCM-SHA256"


@pytest.mark.parametrize(("reuse", "expected"), [("on", b"r"), ("off", b".")])
def test_sessions_are_resumed_where_they_shall_be(reuse, expected):
    upstream = f"server {{ listen %PORT2% ssl; {server_lines()} return 200 $ssl_session_reused; }}"
    here = (
        f"server {{ listen %PORT%; proxy_ssl_session_reuse {reuse}; "
        "proxy_set_header Connection close; location / { proxy_pass https://%PORT2%; } } "
    )
    with Inside(here + upstream) as server:
        assert get(server.address).body == b"."
        assert get(server.address).body == expected
