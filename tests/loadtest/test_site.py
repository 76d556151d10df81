from pathlib import Path

import pytest

from loadtest.origin import Origin
from loadtest.site import Site, Task, caddyfile, haproxy_cfg, nginx_conf, varnish_vcl

ORIGIN = Origin(files=18003, reader=18004)


def site(origin=ORIGIN, **more):
    return Site(Path("/folder"), 18001, 18002, origin, **more)


@pytest.mark.parametrize("text", [nginx_conf, haproxy_cfg, caddyfile])
def test_every_proxy_listens_and_forwards_on_loopback(text):
    written = text(site())
    for port in ("18001", "127.0.0.1:18003", "127.0.0.1:18004"):
        assert port in written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (nginx_conf, "access_log /folder/access.log;"),
        (haproxy_cfg, "option httplog"),
        (caddyfile, "output file /folder/access.log"),
    ],
)
def test_a_log_is_written_only_when_asked_for(text, words):
    assert words in text(site(log=True))
    assert words not in text(site())


def test_a_feature_takes_the_place_of_forwarding():
    written = nginx_conf(site(http="map $uri $x {}", location="return 200;"))
    assert "map $uri $x {}" in written
    assert "return 200;" in written
    assert "proxy_pass http://files;" not in written


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (nginx_conf, "gzip on;"),
        (haproxy_cfg, "compression algo gzip"),
        (caddyfile, "encode gzip"),
    ],
)
def test_a_coding_is_asked_for_in_each_proxys_words(text, words):
    assert words in text(site(task=Task(coding="gzip")))
    assert words not in text(site())


@pytest.mark.parametrize(
    ("text", "words"), [(nginx_conf, "root /www;"), (caddyfile, "root * /www")]
)
def test_files_take_the_place_of_forwarding(text, words):
    files = site(task=Task(files=True), origin=Origin(18003, 18004, Path("/www")))
    assert words in text(files)
    assert "127.0.0.1:18003\n" not in text(files).replace(";", "\n").partition("location /")[2]


def test_varnish_forwards_and_keeps_answers_only_where_that_is_the_task():
    assert '.port = "18003"' in varnish_vcl(site())
    assert "return (pass);\n}" in varnish_vcl(site())
    assert "beresp.ttl = 1h" in varnish_vcl(site(task=Task(cached=True)))


def test_a_task_says_what_a_proxy_must_be_able_to_do():
    assert Task(files=True, coding="gzip", secure="tickets").words() == {"files", "gzip", "tls"}
    assert Task(cached=True).words() == set()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (nginx_conf, ("ssl backlog=4096;", "/folder/tls.crt", "ssl_session_tickets off;")),
        (haproxy_cfg, ("ssl crt /folder/tls.pem no-tls-tickets",)),
        (caddyfile, ("https://:18001", "tls /folder/tls.crt /folder/tls.key")),
    ],
)
def test_clients_come_by_tls_where_the_task_says_so(text, words):
    written = text(site(task=Task(secure="cache")))
    assert all(word in written for word in words)
    assert "tls.crt" not in text(site())
    assert "tls.pem" not in text(site())


@pytest.mark.parametrize(
    ("text", "words"),
    [(nginx_conf, "listen 127.0.0.1:18001 ssl http2 "), (haproxy_cfg, "alpn h2,http/1.1")],
)
def test_http2_is_offered_where_the_task_says_so(text, words):
    assert words in text(site(task=Task(secure="tickets", http2=True)))
    assert words not in text(site(task=Task(secure="tickets")))


def test_a_proxy_must_know_http2_where_that_is_the_task():
    assert Task(secure="tickets", http2=True).words() == {"tls", "http2"}
