"""A plan that is watched: its steps are told of, and what would ask somebody is not run."""

import pytest

from forkproxy.build import draw
from forkproxy.config.load import load_text
from forkproxy.core.trace import Asker, ask, server_for, watch, watch_server
from forkproxy.errors import ProtocolError
from forkproxy.wire.head import parse_request_head

CONF = """
    server {
        listen 80;
        server_name a;
        rewrite ^/a /b;
        location /b { try_files /none /c; }
        location /c { proxy_pass http://127.0.0.1:1; }
        location /d { return 204; }
    }
    server { listen 80; server_name z; }
"""


class Log:
    def wants(self, _level):
        return False


class Heard:
    def __init__(self, text=CONF):
        self.told = []
        self.plan = draw(load_text(text), None, Log())
        for location in self.plan.scopes:
            watch(location, self.tell)
        for _, server in self.plan.servers:
            watch_server(server, self.tell)
        (self.names,) = self.plan.names.values()

    def tell(self, phase, step, exchange, asked, answer):
        self.told.append((phase, type(step).__name__, asked, answer and answer.status))

    def ask(self, target, host="a"):
        head = parse_request_head(f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return ask(head, Asker(b"10.0.0.1", 1, b"127.0.0.1", 80, True), self.names)


def test_every_step_is_told_in_its_order():
    heard = Heard()
    heard.ask("/a")
    assert heard.told == [
        ("server rewrite", "Script", True, None),
        ("precontent", "TryFiles", True, 0),
        ("server rewrite", "Script", True, None),
        ("content", "Forward", False, 200),
    ]


def test_an_answer_of_a_step_is_told():
    heard = Heard()
    assert heard.ask("/d").response.status == 204
    assert heard.told[-1] == ("rewrite", "Script", True, 204)


def test_the_asker_is_who_it_says():
    exchange = Heard().ask("/d")
    assert (exchange.client.address, exchange.client.secure) == (b"10.0.0.1", True)


def test_the_server_alone_can_be_asked_for():
    heard = Heard()
    head = parse_request_head(b"GET / HTTP/1.1\r\nHost: z\r\n\r\n")
    found = server_for(head, Asker(b"10.0.0.1", 1, b"127.0.0.1", 80, False), heard.names)
    assert found.name == b"z"
    assert heard.told == []


def test_a_path_that_leads_out_of_the_root_is_refused():
    with pytest.raises(ProtocolError):
        Heard().ask("/../x")
