"""`forkproxy explain`: as text, as JSON, and of a master that runs."""

import json

import pytest

from forkproxy.cli.main import main
from tests.support.proxy import Proxy, serving

CONF = """\
server {
    listen 8080;
    server_name a.example;
    add_header X-S 1;
    location /old { rewrite ^/old(.*) /new$1; }
    location /new { proxy_pass http://127.0.0.1:3000; }
}
"""


@pytest.fixture
def conf(tmp_path):
    path = tmp_path / "a.conf"
    path.write_text(CONF)
    return str(path)


def explained(conf, *words):
    assert main(["explain", "GET", *words, "-c", conf]) == 0


def test_the_text_says_it_line_by_line(conf, capsys):
    explained(conf, "http://a.example:8080/old/x", "-H", "X-A: b", "--from", "10.0.0.9")
    told = capsys.readouterr().out
    for line in (
        "GET /old/x  (Host a.example:8080, from 10.0.0.9)\n",
        f"  server     a.example: it is the only one on the address  [{conf}:1]\n",
        f"  step       rewrite ^/old(.*) /new$1  -> /new/x  [{conf}:5]\n",
        f"  location   location /new  [{conf}:6]\n",
        f"  upstream   proxy_pass http://127.0.0.1:3000  [{conf}:6]\n",
        "  sends      X-A: b\n",
        f"  adds       X-S: 1  [{conf}:4]\n",
    ):
        assert line in told


def test_json_is_the_same_for_programs(conf, capsys):
    explained(conf, "/new", "--json")
    assert json.loads(capsys.readouterr().out)["upstream"]["target"] == "/new"


def test_a_field_without_a_colon_is_an_error(conf, capsys):
    assert main(["explain", "GET", "/", "-c", conf, "-H", "nothing"]) == 1
    assert "write 'Name: value'" in capsys.readouterr().err


def test_the_configuration_may_be_that_of_a_master_that_runs(capsys):
    with Proxy(serving("location / { return 204; }")) as proxy:
        socket = str(proxy.prefix / "forkproxy.sock")
        assert main(["explain", "GET", f"http://{proxy.address}/", "--socket", socket]) == 0
        assert "answers 204" in capsys.readouterr().out
        proxy.conf.write_text(proxy.conf.read_text().replace("204", "203"))
        main(["explain", "GET", f"http://{proxy.address}/", "--socket", socket])
        told = capsys.readouterr()
    assert "changed since the master read it" in told.err
    assert "answers 203" in told.out
