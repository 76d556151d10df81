"""access_log: lines of each request, their escapes, their conditions, their files."""

import os
import socket

import pytest

from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside, proxying
from tests.support.origin import silent


def logged(form, *fields, target=b"/", options="", **given):
    """Return the line of one request in a log_format."""
    http = f"log_format shown {form};"
    conf = f"access_log logs/access.log shown {options}; location / {{ return 200 ok; }}"
    with Inside(conf, http=http, **given) as server:
        get(server.address, target, *fields)
        (line,) = server.lines()
        return line


@pytest.mark.parametrize(
    ("escape", "octets", "shown"),
    [
        ("", b'"\\\xe4', rb"\x22\x5C\xE4"),
        ("", b"a\tb", rb"a\x09b"),
        ("", b"plain ~!", b"plain ~!"),
        ("escape=default", b"\x7f", rb"\x7F"),
        ("escape=json", b'"\\\tx', rb"\"\\\tx"),
        ("escape=json", "é".encode(), "é".encode()),
        ("escape=none", b'"\\\xe4', b'"\\\xe4'),
    ],
)
def test_what_would_break_a_line_is_escaped(escape, octets, shown):
    form = f"{escape} '[$http_x]'"
    if octets == b"\x7f":
        line = logged(f"{escape} '[$uri]'", target=b"/%7f")
        assert line == b"[/" + shown + b"]"
    else:
        assert logged(form, b"X: " + octets) == b"[" + shown + b"]"


@pytest.mark.parametrize(
    ("octet", "shown"),
    [(b"%0a", rb"\n"), (b"%0d", rb"\r"), (b"%08", rb"\b"), (b"%0c", rb"\f"), (b"%01", rb"\u0001")],
)
def test_control_octets_in_json(octet, shown):
    assert logged("escape=json '$uri'", target=b"/" + octet) == b"/" + shown


def test_a_line_end_in_a_path_does_not_end_the_line():
    assert logged("'$uri'", target=b"/a%0d%0ab") == rb"/a\x0D\x0Ab"


@pytest.mark.parametrize(
    ("escape", "shown"), [("default", b"[-]"), ("json", b"[]"), ("none", b"[]")]
)
def test_what_is_not_there_is_a_dash_by_default(escape, shown):
    assert logged(f"escape={escape} '[$http_x]'") == shown


def test_without_a_format_it_is_the_combined_one():
    with Inside("access_log logs/access.log; return 200 ok;") as server:
        get(server.address, b"/a?b", b"Referer: r", b"User-Agent: u")
        (line,) = server.lines()
    assert line.startswith(b"127.0.0.1 - - [")
    assert line.endswith(b'] "GET /a?b HTTP/1.1" 200 2 "r" "u"')


@pytest.mark.parametrize(("target", "count"), [(b"/?x=1", 1), (b"/?x=0", 0), (b"/", 0)])
def test_a_condition_decides(target, count):
    conf = "access_log logs/access.log combined if=$arg_x; access_log logs/all.log; return 204;"
    with Inside(conf) as server:
        get(server.address, target)
        server.lines(1, "all.log")
        written = server.prefix / "logs/access.log"
        assert len(written.read_bytes().splitlines()) == count


def test_several_logs_get_a_line_each():
    http = "log_format one 1$uri; log_format two 2$uri;"
    conf = "access_log logs/one.log one; access_log logs/two.log two; return 204;"
    with Inside(conf, http=http) as server:
        get(server.address, b"/x")
        assert server.lines(1, "one.log") == [b"1/x"]
        assert server.lines(1, "two.log") == [b"2/x"]


def test_a_name_may_have_variables():
    conf = "access_log logs/$arg_f.log shown; return 204;"
    with Inside(conf, http="log_format shown $uri;") as server:
        get(server.address, b"/a?f=one")
        get(server.address, b"/b?f=two")
        assert server.lines(1, "one.log") == [b"/a"]
        assert server.lines(1, "two.log") == [b"/b"]


def test_a_file_that_cannot_be_opened_costs_a_line_and_nothing_else():
    with Inside("access_log logs/$arg_f/x.log; return 204;") as server:
        assert get(server.address, b"/?f=none").status == 204
        assert get(server.address, b"/?f=none").status == 204


def test_off_is_off_and_a_location_has_its_own():
    conf = """
        access_log logs/server.log shown;
        location /off { access_log off; return 204; }
        location /own { access_log logs/own.log shown; return 204; }
        location /heir { return 204; }
    """
    with Inside(conf, http="log_format shown $uri;") as server:
        for target in (b"/off", b"/own", b"/heir"):
            get(server.address, target)
        assert server.lines(1, "own.log") == [b"/own"]
        assert server.lines(1, "server.log") == [b"/heir"]


def test_requests_that_are_refused_have_lines_too():
    http = 'log_format shown "$status $request";'
    with Inside("access_log logs/access.log shown; return 204;", http=http) as server:
        assert ask(server.address, b"BAD\r\n\r\n").status == 400
        assert server.lines() == [b"400 BAD"]


def test_a_request_whose_client_left_is_a_499():
    conf = "access_log logs/access.log shown; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(silent, conf, http="log_format shown $status;") as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            eventually(lambda: server.peers()[0].active == 1, what="the request is on its way")
        assert server.lines() == [b"499"]


def test_a_log_may_be_a_syslog_server():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(5)
        target = f"syslog:server=127.0.0.1:{udp.getsockname()[1]},nohostname"
        conf = f"access_log {target} f; error_log {target}; location / {{ }}"
        with Inside(conf, http="log_format f $uri:$status;") as server:
            get(server.address, b"/none")
            lines = [udp.recv(1000), udp.recv(1000)]
    assert any(line.startswith(b"<190>") and line.endswith(b"nginx: /none:404") for line in lines)
    assert any(line.startswith(b"<187>") and b"[error]" in line for line in lines)


def test_levels_share_the_files_of_a_cache_and_a_client_opens_no_more():
    conf = """
    access_log logs/$arg_a.log combined;
    location / { return 200; } location /b { return 200; }
    """
    with Inside("open_log_file_cache max=2;" + conf) as server:
        before = len(os.listdir("/proc/self/fd"))
        for number in range(8):
            get(server.address, b"/?a=%d" % number)
            get(server.address, b"/b?a=%d" % number)
        assert len(server.lines(2, "7.log")) == 2
        assert len(os.listdir("/proc/self/fd")) <= before + 4


def test_the_line_is_there_when_the_connection_ends():
    with Inside("access_log logs/access.log; location / { return 200; }") as server:
        for number in range(1, 20):
            with Client(server.address) as client:
                client.send(request(b"GET", b"/", b"Connection: close"))
                client.rest()
            assert (server.prefix / "logs" / "access.log").read_bytes().count(b"\n") == number
