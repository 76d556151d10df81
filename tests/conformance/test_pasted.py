"""The program that holds configurations beside the real nginx: what it asks, and what it tells."""

import os
import re
import subprocess
import sys

import pytest

from forkproxy.config.load import load_text
from tests.conformance.pasted.asking import Answer, read
from tests.conformance.pasted.differences import differences
from tests.conformance.pasted.place import walk
from tests.conformance.pasted.questions import questions, sample
from tests.conftest import installed
from tests.support.proxy import ROOT, Nginx

CONF = r"""
upstream app { server app.internal:8000; }
server {
    listen 80;
    server_name shop.example;
    root /srv/shop;
    location / { try_files $uri @app; }
    location @app { proxy_pass http://app; proxy_set_header Host $host; }
    location ~ \.php$ { fastcgi_pass php:9000; include fastcgi_params; }
    location /health { add_header Content-Type text/plain; return 200 ok; }
}
"""


@pytest.mark.parametrize("pattern", [r"\.php$", r"^/(api|v2)/\d+/(.*)$", r"\.(?:jpg|css)$"])
def test_a_path_is_made_for_a_pattern(pattern):
    assert re.search(pattern, sample(pattern))


def test_each_location_is_asked_for():
    text = CONF.replace("include fastcgi_params;", "")
    nodes = load_text(f"events {{}} http {{ {text} }}").readings[0].nodes
    labels = {question.label for question in questions(list(walk(nodes)))}
    assert {"plain /", "plain /a.php", "plain /health", "no host"} <= labels


def test_what_moves_between_two_answers_is_not_compared():
    first = Answer("200 OK", (("a", "1"), ("id", "x")), "b")
    second = Answer("200 OK", (("a", "1"), ("id", "y")), "b")
    assert list(differences(first, second, first._replace(fields=(("a", "1"),)))) == []
    ours = Answer("200 OK", (("a", "2"), ("id", "z")), "c")
    assert [part for part, *_ in differences(first, second, ours)] == ["fields", "body"]


def test_an_answer_is_read_without_codings_and_moments():
    octets = (
        b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        b"Expires: Thu, 01 Jan 1970 00:01:00 GMT\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    assert read(octets) == Answer("200 OK", (("expires", "0:01:00"),), "abc")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_configuration_is_served_as_nginx_serves_it(tmp_path):
    installed(Nginx)
    (tmp_path / "shop.conf").write_text(CONF)
    command = [sys.executable, "-m", "tests.conformance.pasted", str(tmp_path), "--show", "9"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    if "Operation not permitted" in done.stdout:
        pytest.skip("namespaces are not to be had here")
    assert "same answers: shop.conf, 0 differences" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
