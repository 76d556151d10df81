import os
import socket
from pathlib import Path

import pytest

from forkproxy.master.daemon import Terminal
from forkproxy.master.events import Notice
from forkproxy.master.presence import Presence
from tests.support.holdings import House


@pytest.fixture
def generation(tmp_path):
    with House(tmp_path) as house:
        house.serve()
        yield house.loaded[0]


def test_the_pid_file_is_there_from_the_beginning_to_the_end(generation):
    presence = Presence(None)
    presence.begin(generation)
    path = generation.settings.pid_path
    assert int(Path(path).read_text()) == os.getpid()
    presence.step_aside()
    assert not os.path.exists(path)
    presence.step_back()
    presence.end(0)
    assert not os.path.exists(path)


@pytest.mark.parametrize(
    ("notice", "word"),
    [(Notice.READY, b"READY"), (Notice.RELOADING, b"RELOADING"), (Notice.STOPPING, b"STOPPING")],
)
def test_systemd_is_told_each_notice(notice, word, generation, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        Presence(None).notify(notice, generation)
        assert sock.recv(1000).startswith(word + b"=1")


def test_the_terminal_learns_the_code_of_an_end_before_it_was_ready():
    terminal = Terminal()
    Presence(terminal).end(3)
    assert os.read(terminal._reader, 1) == b"\x03"
    os.close(terminal._reader)
