"""Lines to a syslog server."""

import re
import socket

import pytest

from forkproxy.shared.syslog import SyslogLines, SyslogServer


@pytest.fixture
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        yield server


def test_a_line_begins_with_priority_time_host_and_tag(udp):
    SyslogServer(udp.getsockname(), 23, "tag", "host").send(3, b"text\n")
    form = rb"<187>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d host tag: text"
    assert re.fullmatch(form, udp.recv(1000))


def test_the_day_is_two_wide_and_the_host_may_be_left_out(udp):
    noon = 1_700_000_000.0 - 12 * 86_400  # the second of November
    server = SyslogServer(udp.getsockname(), 0, "tag", wall=lambda: noon)
    server.send(0, b"text")
    assert re.fullmatch(rb"<0>Nov  2 \d\d:\d\d:\d\d tag: text", udp.recv(1000))


def test_a_log_of_requests_has_one_severity(udp):
    SyslogLines(SyslogServer(udp.getsockname(), 1, "t"), 6).write(b"line\n")
    assert udp.recv(1000).startswith(b"<14>")


def test_a_unix_socket_that_is_full_gets_no_more_and_nobody_waits(tmp_path):
    path = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as reader:
        reader.bind(path)
        server = SyslogServer(path, 1, "t")
        while not server.dropped:
            server.send(6, b"line")
        reader.recv(1000)
        before = server.dropped
        server.send(6, b"line")
        assert server.dropped == before


def test_a_server_that_comes_back_gets_the_next_line(tmp_path):
    path = tmp_path / "log"
    server = SyslogServer(str(path), 1, "t")
    server.send(6, b"lost")
    assert server.dropped == 1
    for text in (b"one", b"two"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as reader:
            reader.bind(str(path))
            server.send(6, text)
            assert reader.recv(1000).endswith(text)
        path.unlink()


def test_a_port_that_nobody_listens_on_loses_lines_and_recovers(udp):
    where = udp.getsockname()
    server = SyslogServer(where, 1, "t")
    udp.close()
    for _ in range(4):
        server.send(6, b"lost")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(where)
        again.settimeout(5)
        server.send(6, b"found")
        assert again.recv(1000).endswith(b"found")


def test_what_is_too_long_for_a_datagram_is_dropped(udp):
    server = SyslogServer(udp.getsockname(), 1, "t")
    server.send(6, b"x" * 70_000)
    assert server.dropped == 1
