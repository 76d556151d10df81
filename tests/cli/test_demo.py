"""`forkproxy demo`: the application and the proxy in front of it."""

import json
import re
import signal
import subprocess
import sys

import psutil
import pytest

from forkproxy.cli.demo import free_address, url
from forkproxy.cli.main import main
from tests.support.client import Client
from tests.support.eventually import eventually
from tests.support.sockets import connect, free_port
from tests.support.websocket import WebSocket


@pytest.mark.parametrize(
    ("listen", "shown"),
    [
        ("8080", "http://127.0.0.1:8080/"),
        ("*:8080", "http://127.0.0.1:8080/"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080/"),
        ("localhost:8080", "http://localhost:8080/"),
        ("[::1]:8080", "http://[::1]:8080/"),
    ],
)
def test_what_is_printed_can_be_opened(listen, shown):
    assert url(listen) == shown


def test_some_port_is_always_free():
    address = free_address()
    assert re.fullmatch(r"127\.0\.0\.1:\d+", address)


def test_print_config_prints_and_starts_nothing(capsys):
    assert main(["demo", "--from", ":8099", "--print-config"]) == 0
    assert "listen 8099;" in capsys.readouterr().out
    assert not [child for child in psutil.Process().children() if "demo_app" in child.cmdline()]


@pytest.fixture
def demo():
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "forkproxy", "demo", "--from", address],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    process.address = address
    eventually(lambda: connect(address).close() or True, within=15)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate(timeout=10)


def test_all_of_the_application_is_there_through_the_proxy(demo):
    assert f"http://{demo.address}/" in demo.stdout.readline()
    with Client(demo.address) as client:
        assert b"forkproxy" in client.get(b"/").body
        seen = json.loads(client.get(b"/echo").body)
        assert ["X-Real-IP", "127.0.0.1"] in seen["fields"]
        assert demo.address in client.get(b"/nginx.conf").body.decode()
    with Client(demo.address) as client:
        assert WebSocket(client, b"/socket").ask(b"hello") == b"hello"


def test_its_end_is_the_end_of_the_application_too(demo):
    children = psutil.Process(demo.pid).children
    eventually(lambda: len(children()) == 3, what="the application, a worker, the keeper")
    family = children()
    demo.send_signal(signal.SIGINT)
    assert demo.wait(10) == 0
    assert psutil.wait_procs(family, timeout=10)[1] == []
