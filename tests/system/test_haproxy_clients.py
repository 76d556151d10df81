"""What programs written for HAProxy's socket find: haproxyadmin, hatop, Prometheus' exporter, and
Ansible's module, whose lines are said as it says them."""

import contextlib
import csv
import fcntl
import os
import pty
import shutil
import struct
import subprocess
import termios

import pytest
from haproxyadmin import haproxy

from tests.support.api import line, scraped
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, response
from tests.support.proxy import Proxy, serving
from tests.support.sockets import free_port


@pytest.fixture(scope="module")
def proxy():
    conf = "control_socket unix:%PREFIX%/control.sock;" + serving(
        "status_zone site;",
        "location / { proxy_pass http://backend; }",
        http="upstream backend { zone backend 64k; server %ONE% weight=5; server %TWO%; }",
    )
    script = answers(response(b"ok"), close=False)
    with (
        Origin(script) as one,
        Origin(script) as two,
        Proxy(conf, ONE=one.address, TWO=two.address) as proxy,
    ):
        proxy.servers = [one.address, two.address]
        proxy.socket = str(proxy.prefix / "control.sock")
        for _ in range(3):
            assert get(proxy.address, b"/").body == b"ok"
        yield proxy


@pytest.fixture
def admin(proxy):
    return haproxy.HAProxy(socket_file=proxy.socket)


def test_haproxyadmin_finds_backends_frontends_and_servers(admin, proxy):
    assert [backend.name for backend in admin.backends()] == ["backend"]
    assert {"http", "site"} <= {frontend.name for frontend in admin.frontends()}
    backend = admin.backend("backend")
    assert sorted(server.name for server in backend.servers()) == sorted(proxy.servers)
    assert backend.status == "UP"
    eventually(lambda: admin.backend("backend").requests == 3)


def test_haproxyadmin_drains_and_readies_a_server(admin, proxy):
    name = proxy.servers[0]
    server = admin.server(name, backend="backend")[0]
    assert (server.status, int(server.weight)) == ("UP", 5)
    server.setstate("drain")
    assert admin.server(name, backend="backend")[0].status == "DRAIN"
    server.setstate("maint")
    assert admin.server(name, backend="backend")[0].status == "MAINT"
    server.setstate("ready")
    assert admin.server(name, backend="backend")[0].status == "UP"


def test_haproxyadmin_gives_a_server_another_weight(admin, proxy):
    server = admin.server(proxy.servers[0], backend="backend")[0]
    server.setweight(9)
    assert int(admin.server(proxy.servers[0], backend="backend")[0].weight) == 9
    server.setweight("100%")
    assert int(admin.server(proxy.servers[0], backend="backend")[0].weight) == 5


@pytest.mark.skipif(
    not shutil.which("prometheus-haproxy-exporter"), reason="the exporter is not installed"
)
def test_the_exporter_finds_its_numbers(proxy):
    where = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus-haproxy-exporter",
        f"--haproxy.scrape-uri=unix:{proxy.socket}",
        f"--web.listen-address={where}",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as exporter:
        try:
            eventually(lambda: 'haproxy_server_up{backend="backend"' in scraped(where))
            text = scraped(where)
        finally:
            exporter.kill()
    assert "haproxy_up 1" in text
    assert "haproxy_exporter_csv_parse_failures_total 0" in text
    assert 'haproxy_backend_up{backend="backend"} 1' in text
    for server in proxy.servers:
        assert f'haproxy_server_up{{backend="backend",server="{server}"}} 1' in text


@pytest.mark.skipif(not shutil.which("hatop"), reason="hatop is not installed")
def test_hatop_draws_the_servers_and_passes_commands_on(proxy):
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))
    os.set_blocking(screen, False)
    drawn, one = bytearray(), proxy.servers[1]
    command = ["hatop", "-s", proxy.socket, "-i", "1"]
    environment = os.environ | {"TERM": "linux"}
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment
    ) as hatop:
        os.close(terminal)
        try:
            eventually(lambda: b"BACKEND" in draws(screen, drawn))
            assert b">>> backend" in drawn
            assert all(name.encode()[-8:] in drawn for name in proxy.servers)
            os.write(screen, b"5")
            eventually(lambda: b"command line" in draws(screen, drawn))
            os.write(screen, f"disable server backend/{one}\r".encode())
            eventually(lambda: draws(screen, drawn) and status(proxy, one) == "MAINT")
            os.write(screen, f"enable server backend/{one}\r".encode())
            eventually(lambda: draws(screen, drawn) and status(proxy, one) == "UP")
        finally:
            hatop.kill()
            os.close(screen)


def draws(screen, drawn):
    """Return what a program has drawn, and what it draws; it waits until somebody reads it."""
    with contextlib.suppress(BlockingIOError):
        while True:
            drawn += os.read(screen, 65536)
    return drawn


def said(proxy, text):
    return line(f"unix:{proxy.socket}", text)


def status(proxy, server):
    """Return what Ansible's module looks at: a column of `show stat`, its first mark cut off."""
    table = csv.DictReader(said(proxy, "show stat").lstrip("# ").splitlines())
    return next(
        row["status"] for row in table if (row["pxname"], row["svname"]) == ("backend", server)
    )


def test_ansible_drains_disables_and_enables_a_server(proxy):
    one = f"backend/{proxy.servers[0]}"
    # It drains nothing where the version's first two numbers are below 1.5, and says nothing.
    told = said(proxy, "show info").splitlines()
    version = next(text for text in told if "Version:" in text)
    major, minor, _ = version.partition(":")[2].strip().split(".", 2)
    assert (int(major), int(minor)) >= (1, 5)
    said(proxy, f"set server {one} state drain")
    assert status(proxy, proxy.servers[0]) == "DRAIN"
    words = ("get weight", "disable agent", "disable health", "disable server")
    ended = said(proxy, "; ".join(f"{word} {one}" for word in words))
    assert ended.split("\n\n")[0] == "0 (initial 5)"
    assert "Unknown command" not in ended
    assert status(proxy, proxy.servers[0]) == "MAINT"
    words = ("get weight", "enable server", "enable agent", "enable health")
    begun = said(proxy, "; ".join(f"{word} {one}" for word in words))
    assert "Unknown command" not in begun
    assert status(proxy, proxy.servers[0]) == "UP"
