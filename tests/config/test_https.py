import os

from forkproxy.config.https import PORTS
from forkproxy.config.load import load_text
from tests.support.configuration import level

PORT = PORTS[os.geteuid() != 0]
PLAIN = "80" if os.geteuid() == 0 else "8000"
WHERE = "https://$host$request_uri" if PORT == 443 else f"https://$host:{PORT}$request_uri"


def servers(text):
    """Return, for each server, its lines as text."""
    return [
        [f"{one.name} {' '.join(one.words)}" for one in server.statements() if hasattr(one, "name")]
        for server in level("http", text).blocks("server")
    ]


def test_a_server_gets_a_listener_a_certificate_and_a_redirect():
    first, second = servers("server { server_name a.test b.test; https auto; }")
    assert f"listen {PORT} ssl" in first
    assert "ssl_certificate $acme_certificate" in first
    assert "ssl_certificate_key $acme_certificate_key" in first
    assert second == [f"listen {PLAIN}", "server_name a.test b.test", f"return 308 {WHERE}"]


def test_what_is_there_is_left_as_it_is():
    first, second = servers(
        "server { server_name a.test; https auto; listen 127.0.0.1:4430 ssl;"
        "ssl_certificate x; ssl_certificate_key y; }"
    )
    assert len(first) == 5
    assert second[2] == "return 308 https://$host:4430$request_uri"


def test_names_that_are_answered_at_port_80_are_not_redirected():
    text = "server { server_name a.test b.test; https auto redirect=80; }"
    text += "server { listen 80; server_name A.test; }"
    assert servers(text)[2][1] == "server_name b.test"
    assert len(servers(text.replace(" b.test", ""))) == 2


def test_the_redirect_can_be_elsewhere_or_nowhere():
    text = "server { server_name a.test; https auto redirect=%s; }"
    assert servers(text % "127.0.0.1:8080")[1][0] == "listen 127.0.0.1:8080"
    assert len(servers(text % "off")) == 1


def test_three_bare_lines_are_a_site():
    config = load_text("server_name a.test; https auto; proxy_pass http://127.0.0.1:3000;")
    found = [server.own("listen")[0].words for server in config.http.blocks("server")]
    assert found == [(str(PORT), "ssl"), (PLAIN,)]


def test_without_the_switch_nothing_is_added():
    assert servers("server { listen 80; }") == [["listen 80"]]
