"""The configuration that is served where there is none."""

from forkproxy.cli.builtin import CONFIGURATION
from forkproxy.cli.commands import COMMANDS
from forkproxy.config.load import load_text
from tests.support.client import Client
from tests.support.proxy import Proxy


def test_it_is_a_configuration_without_a_notice():
    assert load_text(CONFIGURATION).notices == ()


def test_its_page_says_what_to_do_next():
    conf = CONFIGURATION.replace("listen 8080", "listen %PORT%", 1)
    with Proxy(conf) as proxy, Client(proxy.address) as client:
        answer = client.get(b"/")
    assert answer.status == 200
    assert answer.get(b"content-type").startswith(b"text/html")
    assert b"nginx's" in answer.body
    for name in ("proxy", "start", "check", "demo"):
        assert name in {command.name for command in COMMANDS}
        assert b"forkproxy " + name.encode() in answer.body
