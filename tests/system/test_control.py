"""The control socket of a real master, in both tongues."""

import grp
import http.client
import json
import os
import socket
import stat
import subprocess
import sys

import pytest

from tests.support.eventually import eventually
from tests.support.master import EchoMaster
from tests.support.sockets import connect

PEER = "10.0.0.1:80"
STRANGER = 65534  # a user and a group of no use


def exchange(master, octets):
    """Send octets; return all that comes until the end."""
    with connect(f"unix:{master.folder / 'control.sock'}") as sock:
        sock.sendall(octets)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def http_answer(master, line):
    """Return (status, data) of one HTTP request."""
    line = f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    octets = exchange(master, line.encode())
    head, _, body = octets.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_status_names_what_an_administrator_asks_for():
    with EchoMaster(workers=2) as master:
        master.ask()
        code, status = http_answer(master, "GET /api/9/forkproxy/status")
        assert code == 200
        assert status["pid"] == master.pid
        assert status["generation"] == 1
        assert status["uptime"] >= 0
        assert [worker["slot"] for worker in status["workers"]] == [0, 1]
        assert sum(worker["requests"] for worker in status["workers"]) == 1
        assert status["totals"]["requests"] == 1
        assert status["listens"] == f"127.0.0.1:{master.port}"


def test_a_drained_peer_is_ready_again_when_told():
    with EchoMaster(peers=[f"api/{PEER}"]) as master:
        assert exchange(master, f"drain api {PEER} --force\n".encode()) == b"\n"
        assert master.status()[f"peers.api/{PEER}.order"] == "drain"
        assert exchange(master, f"ready api {PEER}\n".encode()) == b"\n"
        assert master.status()[f"peers.api/{PEER}.order"] == "ready"


def test_orders_and_counters_outlive_the_master(tmp_path):
    folder = str(tmp_path / "state")
    with EchoMaster(peers=[f"api/{PEER}"], state_path=folder) as master:
        master.tell(f"drain api {PEER} --force")
        for _ in range(3):
            master.ask()
        http_answer(master, "POST /api/9/forkproxy/quit")
        master.wait()
    with EchoMaster(peers=[f"api/{PEER}"], state_path=folder) as master:
        assert master.status()[f"peers.api/{PEER}.order"] == "drain"
        assert master.status()["totals.requests"] == "0"
        eventually(lambda: master.status()["lifetime.requests"] == "3")


def test_counters_are_counted_once_over_reloads(tmp_path):
    with EchoMaster() as master:
        master.ask()
        for number in range(2, 5):
            master.reload()
            master.ask()
            assert master.status()["generation"] == str(number)
        assert master.status()["totals.requests"] == "4"
        assert master.status()["lifetime.requests"] == "4"


def test_http_knows_the_methods():
    with EchoMaster(peers=[f"api/{PEER}"]) as master:
        assert http_answer(master, "GET /api/9/forkproxy/reload")[0] == 405
        assert http_answer(master, "POST /api/9/forkproxy/reload")[0] == 200
        drain = "POST /api/9/forkproxy/drain"
        assert http_answer(master, f"{drain}/api/{PEER}/--force")[0] == 200
        assert http_answer(master, f"{drain}?upstream=api&server={PEER}&force=--force")[0] == 200
        assert http_answer(master, f"{drain}/api/nobody")[0] == 404
        assert http_answer(master, f"{drain}/nothing/{PEER}")[0] == 404
        assert http_answer(master, drain)[0] == 400
        assert http_answer(master, "GET /api/9/forkproxy/nothing")[0] == 404


def test_a_reload_that_fails_is_a_conflict_with_the_reason():
    with EchoMaster() as master:
        master.write(error="unknown directive")
        code, data = http_answer(master, "POST /api/9/forkproxy/reload")
        assert code == 409
        assert data["error"]["text"] == "unknown directive"


def test_an_answer_ends_with_an_empty_line_and_commands_can_be_joined():
    with EchoMaster() as master:
        answer = exchange(master, b"version; nonsense; version\n").decode()
        first, second, third, rest = answer.split("\n\n")
        assert first == third == "forkproxy 0.1.0"
        assert second.startswith("Unknown command, but maybe")
        assert rest == ""


def test_a_client_that_has_closed_its_direction_still_gets_the_answer_of_a_reload():
    with EchoMaster() as master, connect(f"unix:{master.folder / 'control.sock'}") as sock:
        sock.sendall(b"reload")
        sock.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
        assert answer.startswith(b"generation 2")


@pytest.mark.parametrize(
    "octets",
    [
        b"\n",
        b";;\n",
        b"\0\xff\n",
        b"GET\n",
        b"GET /\r\n\r\n",
        b"x" * 100_000,
        b"POST / x y\r\n\r\n",
    ],
)
def test_nonsense_is_answered_or_refused_and_the_master_goes_on(octets):
    with EchoMaster() as master:
        exchange(master, octets)
        assert master.status()["state"] == "running"


def test_dump_says_what_each_process_is_doing():
    with EchoMaster() as master:
        line = master.connect()
        pid, _ = line.ask()
        dump = master.tell("dump")
        assert f"process {pid}" in dump
        assert "greenlet echo" in dump
        assert f"process {master.status()['keeper']}" in dump
        line.close()


def test_the_socket_has_the_mode_and_the_group_it_was_given(tmp_path):
    group = grp.getgrgid(os.getegid()).gr_name
    with EchoMaster(control_mode=0o660, control_group=group) as master:
        found = os.stat(master.folder / "control.sock")
        assert stat.S_IMODE(found.st_mode) == 0o660
        assert found.st_gid == os.getegid()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be somebody else")
def test_a_stranger_is_turned_away():
    with EchoMaster(control_mode=0o666) as master:
        code = f"""
import os, socket
os.setgroups([])
os.setgid({STRANGER})
os.setuid({STRANGER})
sock = socket.socket(socket.AF_UNIX)
sock.connect({str(master.folder / "control.sock")!r})
try:
    sock.sendall(b"status\\n")
    exit(sock.recv(1) != b"")
except ConnectionError:
    exit(0)
"""
        command = [sys.executable, "-c", code]
        assert subprocess.run(command).returncode == 0


def test_the_socket_moves_with_a_reload():
    with EchoMaster() as master:
        other = str(master.folder / "other.sock")
        master.reload(control_path=other)
        with connect(f"unix:{other}") as sock:
            sock.sendall(b"version\n")
            assert sock.recv(100).startswith(b"forkproxy")
        assert not (master.folder / "control.sock").exists()


def test_a_second_master_does_not_take_the_socket_of_the_first(tmp_path):
    path = str(tmp_path / "control.sock")
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(path)
        stranger.listen()
        master = EchoMaster(control_path=path)
        try:
            assert master.wait() == 3
            assert "another process serves the control socket" in master.log()
        finally:
            master.end()


def test_a_socket_that_a_dead_master_left_is_replaced(tmp_path):
    path = str(tmp_path / "control.sock")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    with EchoMaster() as master:
        master.reload(control_path=path)
        with connect(f"unix:{path}") as sock:
            sock.sendall(b"version\n")
            assert sock.recv(100).startswith(b"forkproxy")


def test_a_client_that_says_nothing_is_sent_away():
    with EchoMaster() as master, connect(f"unix:{master.folder / 'control.sock'}", 20) as sock:
        assert sock.recv(1) == b""


def test_http_client_of_the_standard_library_understands_us():
    with EchoMaster() as master, connect(f"unix:{master.folder / 'control.sock'}") as sock:
        connection = http.client.HTTPConnection("localhost")
        connection.sock = sock
        connection.request("GET", "/api/9/forkproxy/version")
        assert json.loads(connection.getresponse().read()) == {"version": "0.1.0"}
