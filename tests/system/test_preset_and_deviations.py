"""proxy_preset, the modern profile, and D1 to D6: where we differ from nginx, and how not to."""

import pytest

from forkproxy.build import build
from forkproxy.config.load import load_text
from forkproxy.config.settings import process_settings
from forkproxy.errors import ConfigError
from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import echo, response

PROXIED = "location / { proxy_pass http://%ORIGIN%; %s }"


def fields(*lines, target=b"/", client=(), http=""):
    """Return the fields that the origin gets, by name in lower case."""
    conf = f"location / {{ proxy_pass http://%ORIGIN%; {' '.join(lines)} }}"
    with proxying(echo, conf, http=http) as server:
        assert get(server.address, target, *client).status == 200
        return {name.lower(): value for name, value in server.origin.last.fields}


def test_the_preset_sends_what_applications_ask_for():
    found = fields("proxy_preset modern;")
    assert found[b"host"] == found[b"x-forwarded-host"] == b"localhost"
    assert found[b"x-real-ip"] == found[b"x-forwarded-for"] == b"127.0.0.1"
    assert found[b"x-forwarded-proto"] == b"http"
    assert found[b"x-forwarded-port"].isdigit()
    assert len(found[b"x-request-id"]) == 32
    assert b"upgrade" not in found
    assert b"connection" not in found


def test_a_client_cannot_say_in_its_place_who_it_is():
    sent = (b"X-Real-IP: 6.6.6.6", b"X-Forwarded-Proto: https", b"X-Forwarded-For: 6.6.6.6")
    found = fields("proxy_preset modern;", client=sent)
    assert found[b"x-real-ip"] == b"127.0.0.1"
    assert found[b"x-forwarded-proto"] == b"http"
    assert found[b"x-forwarded-for"] == b"6.6.6.6, 127.0.0.1"


def test_lines_of_ones_own_go_before_the_presets_and_the_rest_stays():
    found = fields("proxy_preset modern; proxy_set_header Host own; proxy_set_header X-A b;")
    assert (found[b"host"], found[b"x-a"]) == (b"own", b"b")
    assert found[b"x-forwarded-host"] == b"localhost"


def test_lines_of_an_outer_level_count_as_ones_own():
    http = "proxy_set_header X-Real-IP outer;"
    assert fields("proxy_preset modern;", http=http)[b"x-real-ip"] == b"outer"


def test_an_empty_line_of_ones_own_takes_a_field_away():
    assert b"x-request-id" not in fields('proxy_preset modern; proxy_set_header X-Request-ID "";')


def test_without_a_host_the_servers_name_stands_in():
    conf = (
        "server_name own.example; location / { proxy_pass http://%ORIGIN%; proxy_preset modern; }"
    )
    with proxying(echo, conf) as server:
        assert ask(server.address, b"GET / HTTP/1.0\r\n\r\n").status == 200
        assert server.origin.last.get(b"host") == b"own.example"


def test_an_upgrade_is_passed_on():
    sent = (b"Upgrade: websocket", b"Connection: upgrade")
    found = fields("proxy_preset modern;", client=sent)
    assert (found[b"upgrade"], found[b"connection"]) == (b"websocket", b"upgrade")


def test_without_the_preset_nothing_is_added():
    assert set(fields()) == {b"host"}


def test_the_modern_profile_has_other_defaults():
    config = load_text("forkproxy_profile modern; events {} http { server { listen 80; } }")
    assert process_settings(config).workers >= 1
    assert config.main.value("worker_processes") == 0
    assert config.http.value("server_tokens") == "off"
    assert config.http.value("absolute_redirect") is False


def test_what_the_modern_profile_changes_can_be_given_as_usual():
    text = "forkproxy_profile modern; events {} http { server_tokens on; server { listen 80; } }"
    assert load_text(text).http.value("server_tokens") == "on"


def test_the_modern_profile_shows_no_version_and_redirects_by_path():
    with Inside("location / { return 302 /x; }", main="forkproxy_profile modern;") as server:
        answer = get(server.address)
    assert (answer.get(b"server"), answer.get(b"location")) == (b"forkproxy", b"/x")


# D1 to D6


def first_line(peer):
    while True:
        head = peer.reader.until(b"\r\n\r\n")
        peer.send(response(head.partition(b"\r\n")[0]))


CAPTURED = r"location ~ ^/p/(.*) { proxy_pass http://%ORIGIN%/z/$1; }"


@pytest.mark.parametrize(
    ("option", "target", "line"),
    [
        ("", b"/p/a%20b", b"GET /z/a%20b HTTP/1.1"),
        ("forkproxy_encode_captures off;", b"/p/a%20b", b"GET /z/a b HTTP/1.1"),
    ],
)
def test_d1_captures_are_encoded_again_unless_that_is_turned_off(option, target, line):
    with proxying(first_line, option, CAPTURED) as server:
        assert get(server.address, target).body == line


def test_d1_turned_off_still_lets_no_line_end_through():
    conf = r"location ~ (?s)^/p/(.*) { proxy_pass http://%ORIGIN%/z/$1; }"
    with proxying(first_line, "forkproxy_encode_captures off;", conf) as server:
        found = get(server.address, b"/p/a%0d%0aEvil:%20b").body
    assert found == b"GET /z/a%0D%0AEvil: b HTTP/1.1"


def test_d2_a_line_end_of_a_variable_never_reaches_a_header():
    conf = r"location ~ (?s)^/(.*)$ { proxy_set_header X-P $1; proxy_pass http://%ORIGIN%; }"
    with proxying(echo, conf) as server:
        get(server.address, b"/a%0d%0aEvil:%20yes")
        assert b"evil" not in server.origin.last
        assert server.origin.last.get(b"x-p") == b"a  Evil: yes"


def test_d3_a_message_that_has_two_lengths_is_refused():
    with Inside("location / { return 200; }") as server, Client(server.address) as client:
        lines = (b"Content-Length: 3", b"Transfer-Encoding: chunked")
        client.send(request(b"POST", b"/", *lines) + b"0\r\n\r\n")
        assert client.response().status == 400
        assert client.closed()


UNRESOLVED = "{} events {{}} http {{ upstream u {{ server no.such.name.invalid; }} {} }}"
PASSED = "server { listen 80; location / { proxy_pass http://u; } }"


def test_d4_a_name_without_an_address_is_a_warning(tmp_path):
    generation = build(load_text(UNRESOLVED.format("", PASSED), prefix=str(tmp_path)))
    assert "no.such.name.invalid" in generation.notices[0]
    generation.close()


def test_d4_or_an_error_where_that_is_asked_for(tmp_path):
    text = UNRESOLVED.format("forkproxy_unresolved refuse;", PASSED)
    with pytest.raises(ConfigError, match="host not found in upstream"):
        build(load_text(text, prefix=str(tmp_path)))


def test_d6_connections_of_an_old_generation_have_ten_minutes_unless_told_otherwise():
    text = "{} events {{}}"
    for given, expected in (("", 600.0), ("worker_shutdown_timeout 0;", 0.0)):
        assert process_settings(load_text(text.format(given))).worker_shutdown_timeout == expected
