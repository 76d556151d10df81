import os
import socket

import pytest

from forkproxy.master import systemd


@pytest.fixture
def notified(tmp_path, monkeypatch):
    """A service manager's socket, and what was sent to it."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(path)
        sock.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        yield lambda: sock.recv(1000).decode().split("\n")


def test_ready_names_the_process(notified):
    systemd.ready()
    assert notified()[:2] == ["READY=1", f"MAINPID={os.getpid()}"]


def test_reloading_has_its_instant_in_microseconds(notified):
    systemd.reloading()
    first, second, *_ = notified()
    assert first == "RELOADING=1"
    assert int(second.removeprefix("MONOTONIC_USEC=")) > 0


def test_stopping_and_a_successor_are_told(notified):
    systemd.stopping()
    assert notified()[0] == "STOPPING=1"
    systemd.successor(42)
    assert notified() == ["MAINPID=42"]


def test_an_abstract_name_begins_with_an_at_sign(monkeypatch):
    name = f"forkproxy-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind("\0" + name)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
        systemd.stopping()
        assert sock.recv(100).startswith(b"STOPPING=1")


@pytest.mark.parametrize("address", ["", "/nowhere/notify"])
def test_without_a_service_manager_nothing_happens(monkeypatch, address):
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    systemd.ready()


@pytest.mark.parametrize(("pid", "count"), [("", "1"), ("1", "1"), (str(os.getpid()), "x")])
def test_sockets_that_are_not_for_us_are_left(monkeypatch, pid, count):
    monkeypatch.setenv("LISTEN_PID", pid)
    monkeypatch.setenv("LISTEN_FDS", count)
    assert systemd.listen_sockets() == []
    assert "LISTEN_FDS" not in os.environ
