"""What clients of NGINX Plus ask, as they ask it, and every answer held against its shape.

The requests are those of F5's client in Go (nginx-plus-go-client), with its paths and bodies: the
slashes at their ends, a drain that is ended by `down: false`, endpoints that are not configured.
"""

import shutil
import subprocess

import pytest

from tests.support.api import api, scraped
from tests.support.api_shapes import ANSWERS, ERROR, SERVER, faults
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.origin import Origin
from tests.support.proxy import Proxy, serving
from tests.support.sockets import free_port

HTTP = """
    upstream backend { zone backend 64k; server %ORIGIN% max_conns=20; server 127.0.0.1:1 down; }
    keyval_zone zone=banned:32k; keyval $remote_addr $banned zone=banned;
"""
SERVERS = "/api/9/http/upstreams/backend/servers"


def script(peer):
    while peer.head():
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.fixture(scope="module")
def proxy():
    conf = serving(
        "status_zone site;",
        "location / { status_zone pages; proxy_pass http://backend; }",
        "location /api { api write=on; }",
        "location = /basic { stub_status; }",
        http=HTTP,
    )
    with Origin(script) as origin, Proxy(conf, ORIGIN=origin.address) as proxy:
        for _ in range(3):
            assert get(proxy.address, b"/").body == b"ok"
        yield proxy


@pytest.mark.parametrize("path", [path for path in ANSWERS if "*" not in path])
def test_each_answer_has_its_shape(proxy, path):
    status, data = api(proxy.address, "GET", f"/api/9/{path}")
    assert status == 200
    assert faults(ANSWERS[path], data) == []
    assert api(proxy.address, "GET", f"/api/9/{path}/")[0] == 200


def test_the_versions_are_asked_for_first(proxy):
    assert max(api(proxy.address, "GET", "/api/")[1]) == 9
    assert api(proxy.address, "GET", "/api/9/?fields=")[0] == 200


def test_statistics_of_what_is_not_configured_are_not_found(proxy):
    for path in ("stream", "stream/server_zones", "stream/upstreams", "stream/zone_sync"):
        status, data = api(proxy.address, "GET", f"/api/9/{path}")
        assert (status, data["error"]["code"]) == (404, "PathNotFound")
        assert faults(ERROR, data) == []


def test_a_server_is_added_updated_drained_and_deleted(proxy):
    assert faults(ANSWERS["http/upstreams/*/servers"], api(proxy.address, "GET", SERVERS)[1]) == []
    wanted = {"server": "127.0.0.1:2", "max_fails": 1, "fail_timeout": "10s", "slow_start": "0s"}
    status, made = api(proxy.address, "POST", f"{SERVERS}/", wanted)
    assert status == 201
    assert faults(SERVER, made) == []
    one = f"{SERVERS}/{made['id']}/"
    assert api(proxy.address, "PATCH", one, {"weight": 3, "max_conns": 5})[1]["weight"] == 3
    assert api(proxy.address, "PATCH", one, {"drain": True})[1]["drain"] is True
    undone = api(proxy.address, "PATCH", one, {"down": False})[1]
    assert "drain" not in undone
    assert faults(SERVER, undone) == []
    status, left = api(proxy.address, "DELETE", one)
    assert status == 200
    assert [server["server"] for server in left] == [proxy.word("ORIGIN"), "127.0.0.1:1"]


def test_adding_what_is_there_is_told_in_the_code_that_clients_look_for(proxy):
    status, data = api(proxy.address, "POST", f"{SERVERS}/", {"server": proxy.word("ORIGIN")})
    assert (status, data["error"]["code"]) == (409, "EntryExists")
    status, data = api(proxy.address, "GET", "/api/9/http/upstreams/none/servers")
    assert (status, data["error"]["code"]) == (404, "UpstreamNotFound")
    assert faults(ERROR, data) == []


def test_keys_and_values_are_added_modified_and_deleted(proxy):
    zone = "/api/9/http/keyvals/banned"
    assert api(proxy.address, "POST", zone, {"10.0.0.1": "1"})[0] == 201
    assert api(proxy.address, "PATCH", zone, {"10.0.0.1": "2"})[0] == 204
    assert api(proxy.address, "GET", zone)[1] == {"10.0.0.1": "2"}
    assert api(proxy.address, "PATCH", zone, {"10.0.0.1": None})[0] == 204
    assert api(proxy.address, "DELETE", zone)[0] == 204


def test_peers_show_what_they_have_answered(proxy):
    peer = api(proxy.address, "GET", "/api/9/http/upstreams")[1]["backend"]["peers"][0]
    assert peer["requests"] >= 3
    assert peer["responses"]["codes"] == {"200": peer["responses"]["2xx"]}
    assert (
        sum(peer["response_time_hist"]["buckets"].values()) == peer["response_time_hist"]["count"]
    )
    zones = api(proxy.address, "GET", "/api/9/http/server_zones/site")[1]
    assert zones["responses"]["2xx"] >= 3


@pytest.mark.skipif(
    not shutil.which("prometheus-nginx-exporter"), reason="the exporter is not installed"
)
@pytest.mark.parametrize(
    ("options", "path", "lines"),
    [
        ((), "/basic", ("nginx_up 1", "nginx_connections_active 1", "nginx_http_requests_total ")),
        (
            ("-nginx.plus",),
            "/api",
            (
                "nginxplus_up 1",
                'nginxplus_server_zone_responses{code="2xx",server_zone="site"} ',
                'nginxplus_upstream_server_limit{server="%ORIGIN%",upstream="backend"} 20',
                'nginxplus_upstream_server_state{server="%ORIGIN%",upstream="backend"} 1',
                'nginxplus_upstream_server_state{server="127.0.0.1:1",upstream="backend"} 3',
            ),
        ),
    ],
)
def test_the_exporter_finds_its_numbers(proxy, options, path, lines):
    where = f"127.0.0.1:{free_port()}"
    command = [
        "prometheus-nginx-exporter",
        *options,
        f"-nginx.scrape-uri=http://{proxy.address}{path}",
        f"-web.listen-address={where}",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as exporter:
        try:
            eventually(lambda: lines[0] in scraped(where))
            text = scraped(where)
        finally:
            exporter.kill()
    for line in lines:
        assert f"\n{line.replace('%ORIGIN%', proxy.word('ORIGIN'))}" in text
