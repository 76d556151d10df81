"""The application behind the demo, alone."""

import json
import re
import socket
import subprocess
import sys

import pytest

from tests.support.client import Client
from tests.support.websocket import WebSocket


@pytest.fixture
def application():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "forkproxy.cli.demo_app", str(listener.fileno()), "the file"],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
        process.address = f"127.0.0.1:{listener.getsockname()[1]}"
    yield process
    process.stdin.close()
    assert process.wait(10) == 0


@pytest.fixture
def client(application):
    with Client(application.address) as client:
        yield client


def test_the_page_asks_only_for_what_the_application_has(client):
    page = client.get(b"/").body.decode()
    for target in re.findall(r'fetch\("(/[^"?]*)|EventSource\("([^"]*)', page):
        assert "".join(target) in {"/echo", "/nginx.conf", "/events"}
    assert "forkproxy" in page


def test_the_page_needs_nothing_from_elsewhere(client):
    assert not re.search(rb"https?://", client.get(b"/").body)


def test_the_echo_tells_the_request_as_it_came(client):
    client.send(
        b"POST /echo?a=1 HTTP/1.1\r\nHost: demo\r\nX-Odd: yes\r\nContent-Length: 5\r\n\r\nhello"
    )
    seen = json.loads(client.final().body)
    assert (seen["method"], seen["target"], seen["body"]) == ("POST", "/echo?a=1", "hello")
    assert ["X-Odd", "yes"] in seen["fields"]


def test_a_body_too_large_is_refused_and_not_read(client):
    client.send(b"POST /echo HTTP/1.1\r\nHost: demo\r\nContent-Length: 99999999\r\n\r\n")
    assert client.final().status == 413


def test_the_stream_begins_at_once(client):
    client.send(b"GET /events HTTP/1.1\r\nHost: demo\r\n\r\n")
    assert client.reader.until(b"data: 1\n\n").startswith(b"HTTP/1.1 200")


def test_the_websocket_sends_back(client):
    websocket = WebSocket(client, b"/socket")
    assert websocket.ask(b"short") == b"short"
    assert websocket.ask(b"x" * 60000) == b"x" * 60000
    websocket.close()


def test_the_socket_is_not_for_plain_requests(client):
    assert client.get(b"/socket").status == 426


def test_another_path_is_404(client):
    assert client.get(b"/nothing").status == 404


def test_the_configuration_is_shown_as_it_was_given(client):
    assert client.get(b"/nginx.conf").body == b"the file"
