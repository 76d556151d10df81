"""The lines that every tutorial shows, alone in a file."""

from tests.support.client import ask
from tests.support.proxy import Proxy

SNIPPET = """\
server {
    listen %PORT%;
    server_name x;

    location / {
        proxy_pass http://%ORIGIN%;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
    }
}
"""


def test_a_bare_server_block_is_a_whole_configuration(origin):
    with Proxy(SNIPPET, ORIGIN=f"localhost:{origin.port}") as proxy:
        answer = ask(proxy.address, b"GET /a?b HTTP/1.1\r\nHost: X:1\r\nX-Mine: 1\r\n\r\n")
    assert answer.status == 200
    assert origin.last.raw == (
        b"GET /a?b HTTP/1.1\r\nHost: x\r\nX-Real-IP: 127.0.0.1\r\nX-Mine: 1\r\n\r\n"
    )


def test_so_is_a_location_with_an_upstream(origin):
    conf = """
        upstream app { server %ORIGIN%; }
        server { listen %PORT%; location / { proxy_pass http://app; } }
    """
    with Proxy(conf, ORIGIN=origin.address) as proxy:
        answer = ask(proxy.address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.body == b"GET / HTTP/1.1\r\nHost: app\r\n\r\n"
