"""What programs written for HAProxy's socket find: haproxyadmin, and Prometheus' exporter."""

import shutil
import subprocess
import urllib.request

import pytest
from haproxyadmin import haproxy

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


def scraped(where):
    """Return what the exporter says; nothing where it has not begun."""
    try:
        with urllib.request.urlopen(f"http://{where}/metrics", timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return ""
