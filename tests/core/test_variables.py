"""The variables that every request has, with the meaning that nginx gives them."""

import os
import re
import socket

import pytest

from forkproxy.config.variables import AVAILABLE, AVAILABLE_PREFIXES
from forkproxy.core.variables import find, names, prefixes
from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import Origin, answers, chunked, hangs_up, response

SHOWS = 'location / {{ return 200 "{}"; }}'


def value(text, *fields, target=b"/a", **given):
    """Return what a text is in a request."""
    with Inside(SHOWS.format(text), **given) as server:
        return get(server.address, target, *fields).body


def logged(text, script, octets, *server, **given):
    """Return what a text is in the log line of one proxied request."""
    conf = " ".join(server) or "location / { proxy_pass http://%ORIGIN%; }"
    http = f"log_format shown '{text}';" + given.pop("http", "")
    conf = "access_log logs/access.log shown; " + conf
    with proxying(script, conf, http=http, **given) as inside:
        ask(inside.address, octets)
        (line,) = inside.lines()
        return line.replace(inside.origin.address.encode(), b"ORIGIN")


@pytest.mark.parametrize(
    ("text", "target", "expected"),
    [
        ("$args|$is_args", b"/a", b"|"),
        ("$args|$is_args", b"/a?", b"|"),
        ("$args|$query_string|$is_args", b"/a?x=%20y", b"x=%20y|x=%20y|?"),
        ("$uri|$document_uri", b"/a%20b//c/../d?x", b"/a b/d|/a b/d"),
        ("$request_uri", b"/a%20b//c/../d?x", b"/a%20b//c/../d?x"),
        ("$request", b"/a?x", b"GET /a?x HTTP/1.1"),
        ("$request_method|$server_protocol|$scheme|$https", b"/", b"GET|HTTP/1.1|http|"),
        ("$arg_x", b"/?y=1&X=2&x=3", b"2"),
        ("$arg_x", b"/?xx=1&x", b""),
        ("$arg_x", b"/?x=a%20b=c", b"a%20b=c"),
        ("$arg_none", b"/?x=1", b""),
    ],
)
def test_what_the_request_line_says(text, target, expected):
    assert value(text, target=target) == expected


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("$http_x_a", [b"X-A: 1"], b"1"),
        ("$http_x_a", [b"X-A: 1", b"x-a: 2"], b"1, 2"),
        ("$http_x_a", [], b""),
        ("$http_HOST|$host", [], b"localhost|localhost"),
        ("$content_type", [b"Content-Type: a/b"], b"a/b"),
        ("$cookie_sid", [b"Cookie: x=1; SID=ab c; sid=2"], b"ab c"),
        ("$cookie_SID", [b"Cookie: x=1; sid=1"], b"1"),
        ("$cookie_a", [b"Cookie: b=1", b"Cookie: a=2"], b"2"),
        ("$cookie_a", [b"Cookie: a"], b""),
        ("$remote_user", [b"Authorization: Basic YWI6Yw=="], b"ab"),
        ("$remote_user", [b"Authorization: Basic YWI="], b""),
        ("$remote_user", [b"Authorization: Basic *"], b""),
        ("$remote_user", [b"Authorization: Bearer YWI6Yw=="], b""),
        ("$remote_user", [], b""),
        ("$proxy_add_x_forwarded_for", [], b"127.0.0.1"),
        ("$proxy_add_x_forwarded_for", [b"X-Forwarded-For: 1.2.3.4"], b"1.2.3.4, 127.0.0.1"),
        (
            "$proxy_add_x_forwarded_for",
            [b"X-Forwarded-For: 1.1.1.1", b"X-Forwarded-For: 2.2.2.2"],
            b"1.1.1.1, 2.2.2.2, 127.0.0.1",
        ),
    ],
)
def test_what_the_fields_say(text, fields, expected):
    assert value(text, *fields) == expected


def test_lines_of_cookies_are_one_list():
    assert value("$http_cookie", b"Cookie: a=1", b"Cookie: b=2") == b"a=1; b=2"


def test_the_length_of_a_request_is_that_of_head_and_body():
    octets = request(b"POST", b"/", body=b"four")
    script = answers(response())
    assert logged("$content_length $request_length", script, octets) == b"4 %d" % len(octets)


def test_the_body_is_there_once_it_was_read_ahead():
    octets = request(b"POST", b"/", body=b"four")
    assert logged("$request_body", answers(response()), octets) == b"four"


def test_a_body_in_a_file_is_named():
    conf = "client_body_buffer_size 1k; location / { proxy_pass http://%ORIGIN%; }"
    octets = request(b"POST", b"/", body=bytes(4096))
    line = logged("$request_body $request_body_file", answers(response()), octets, conf)
    assert re.fullmatch(rb"- /proc/\d+/fd/\d+", line)


def test_both_ends_of_the_connection():
    with (
        Inside(SHOWS.format("$remote_addr $remote_port $server_addr $server_port")) as server,
        Client(server.address) as client,
    ):
        port = client.socket.getsockname()[1]
        expected = f"127.0.0.1 {port} 127.0.0.1 {server.port}"
        assert client.get().body.decode() == expected


def test_the_binary_address_has_four_octets():
    assert value("$binary_remote_addr") == socket.inet_aton("127.0.0.1")


def test_requests_and_connections_are_counted():
    with Inside(SHOWS.format("$connection $connection_requests")) as server:
        with Client(server.address) as client:
            assert [client.get().body for _ in range(2)] == [b"1 1", b"1 2"]
        assert get(server.address).body == b"2 1"


def test_the_servers_name_is_its_first():
    conf = "server_name a.example b.example; " + SHOWS.format("$server_name $hostname $pid")
    with Inside(conf) as server:
        answer = ask(server.address, request(b"GET", b"/", host=b"b.example"))
    expected = f"a.example {socket.gethostname().lower()} {os.getpid()}"
    assert answer.body.decode() == expected


def test_a_requests_identity_is_its_own_and_stays():
    with Inside(SHOWS.format("$request_id $request_id")) as server:
        first, second = (get(server.address).body.split() for _ in range(2))
    assert first[0] == first[1] != second[0]
    assert re.fullmatch(rb"[0-9a-f]{32}", first[0])


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("$msec", rb"\d{10}\.\d{3}"),
        ("$request_time", rb"\d+\.\d{3}"),
        ("$connection_time", rb"\d+\.\d{3}"),
        ("$time_iso8601", rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"),
        ("$time_local", rb"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"),
    ],
)
def test_moments_and_durations_have_nginx_forms(text, form):
    assert re.fullmatch(form, value(text))


def test_what_was_sent_is_known_when_it_is_logged():
    conf = "add_header X yes; location / { return 200 four; }"
    http = 'log_format shown "$status $body_bytes_sent $bytes_sent $sent_http_x $pipe";'
    with Inside("access_log logs/access.log shown;", conf, http=http) as server:
        answer = get(server.address)
        assert server.lines() == [b"200 4 %d yes ." % len(answer.raw)]


def test_the_length_that_was_sent_is_a_field_too():
    line = logged("$sent_http_content_length", answers(response(b"four")), request(b"GET", b"/"))
    assert line == b"4"


def test_a_pipelined_request_is_marked():
    http = "log_format shown $pipe;"
    with Inside("access_log logs/access.log shown; return 204;", http=http) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/") * 2)
            client.final()
            client.final()
        assert server.lines(2) == [b".", b"p"]


def test_completion_is_said_of_a_whole_answer():
    octets = request(b"GET", b"/")
    assert logged("[$request_completion]", answers(response(b"x")), octets) == b"[OK]"


def test_what_the_upstream_answered():
    text = "$upstream_addr $upstream_status $upstream_response_length $proxy_host $proxy_port"
    line = logged(text, answers(response(b"four")), request(b"GET", b"/"))
    assert re.fullmatch(rb"ORIGIN 200 4 ORIGIN \d+", line)


def test_what_the_upstream_sent_of_fields_cookies_and_trailers():
    text = "$upstream_http_x|$upstream_cookie_sid|$upstream_trailer_t|$sent_trailer_t"
    script = answers(chunked([b"x"], b"X: 1", b"Set-Cookie: SID=a b; Path=/", trailers=[b"T: 2"]))
    conf = "location / { proxy_pass_trailers on; proxy_pass http://%ORIGIN%; }"
    assert logged(text, script, request(b"GET", b"/"), conf) == b"1|a b|2|2"


def test_the_times_of_the_upstream_are_seconds():
    text = "$upstream_connect_time $upstream_header_time $upstream_response_time"
    line = logged(text, answers(response(b"x")), request(b"GET", b"/"))
    assert re.fullmatch(rb"0\.\d{3} 0\.\d{3} 0\.\d{3}", line)


def test_each_attempt_is_listed():
    with Origin(hangs_up) as bad:
        conf = "location / { proxy_pass http://u; }"
        http = f"upstream u {{ server {bad.address}; server %ORIGIN%; }}"
        text = "$upstream_addr|$upstream_status|$upstream_header_time"
        line = logged(text, answers(response()), request(b"GET", b"/"), conf, http=http)
        addresses, statuses, times = line.split(b"|")
        assert addresses == bad.address.encode() + b", ORIGIN"
    assert statuses == b"502, 200"
    assert re.fullmatch(rb"-, 0\.\d{3}", times)


def test_octets_to_and_from_the_upstream_are_counted():
    answer = response(b"four")
    text = "$upstream_bytes_sent $upstream_bytes_received"
    with proxying(
        answers(answer),
        "access_log logs/access.log shown; location / { proxy_pass http://%ORIGIN%; }",
        http=f'log_format shown "{text}";',
    ) as server:
        get(server.address)
        sent = len(server.origin.last.raw)
        assert server.lines() == [b"%d %d" % (sent, len(answer))]


def test_without_an_upstream_its_variables_are_not_there():
    http = 'log_format shown "$upstream_addr $upstream_http_x $upstream_status $proxy_host";'
    with Inside("access_log logs/access.log shown; return 204;", http=http) as server:
        get(server.address)
        assert server.lines() == [b"- - - -"]


def test_names_are_listed_and_found():
    assert {"uri", "host", "status"} <= names()
    assert find("uri").name == "uri"
    assert find("http_x").name == "http_x"


def test_what_is_no_name_is_not_found():
    assert find("nobody") is None


@pytest.mark.parametrize("name", sorted(names()))
def test_what_is_computed_may_be_used(name):
    assert name in AVAILABLE or name.startswith(AVAILABLE_PREFIXES)


def test_every_family_may_be_used():
    assert prefixes() == set(AVAILABLE_PREFIXES)
