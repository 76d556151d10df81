from pathlib import Path

import pytest

from loadtest.origin import Origin
from loadtest.site import Site, caddyfile, haproxy_cfg, nginx_conf


def site(**more):
    return Site(Path("/folder"), 18001, 18002, Origin(files=18003, reader=18004), **more)


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
