"""How a master starts: in the foreground, as a daemon, under systemd, as root."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from tests.support.eventually import eventually
from tests.support.master import ROOT, EchoMaster

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
NOBODY = pwd.getpwnam("nobody")


def status_line(pid, name):
    """Return the words of one line of /proc/PID/status."""
    with open(f"/proc/{pid}/status") as lines:
        return next(line.split()[1:] for line in lines if line.startswith(f"{name}:"))


TITLES = [
    "forkproxy: keeper (generation 1)",
    "forkproxy: worker 0 (generation 1)",
    "forkproxy: worker 1 (generation 1)",
]


def titles(master):
    """Return the titles of a master's children at this moment; one that is about to go has none."""
    found = []
    for child in psutil.Process(master.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(" ".join(child.cmdline()).strip())
    return sorted(found)


def test_a_daemon_leaves_the_terminal_once_it_serves():
    with EchoMaster("--daemon") as master:
        assert master.wait() == 0
        assert master.pid != master.process.pid
        assert os.getsid(master.pid) == master.pid != os.getsid(0)
        assert os.readlink(f"/proc/{master.pid}/fd/0") == os.devnull
        assert os.readlink(f"/proc/{master.pid}/fd/2") == str(master.folder / "error.log")
        assert master.ask()


def test_no_process_of_a_daemon_keeps_the_terminal_or_a_log_that_was_moved():
    with EchoMaster("--daemon", workers=2) as master:
        assert master.wait() == 0
        log, old = master.folder / "error.log", master.folder / "error.log.1"
        eventually(lambda: titles(master) == TITLES, what="workers and keeper are there")
        everybody = [master.pid, *(child.pid for child in psutil.Process(master.pid).children())]
        for pid in everybody:
            eventually(lambda pid=pid: os.readlink(f"/proc/{pid}/fd/2") == str(log))
            held = os.listdir(f"/proc/{pid}/fd")
            targets = {os.readlink(f"/proc/{pid}/fd/{name}") for name in held}
            assert str(master.output) not in targets
        log.rename(old)
        master.signal(signal.SIGUSR1)
        for pid in everybody:
            eventually(lambda pid=pid: os.readlink(f"/proc/{pid}/fd/2") == str(log))


def test_a_daemon_that_cannot_start_says_so_at_the_terminal():
    master = EchoMaster("--daemon", crash="no such luck")
    try:
        assert master.wait() == 3
        assert not master.masters()
    finally:
        master.end()


def test_a_port_in_use_is_told_at_the_terminal_with_its_owner():
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        master = EchoMaster("--daemon", ports=[port])
        try:
            assert master.wait() == 1
            printed = master.output.read_text()
            assert f"bind() to 127.0.0.1:{port} failed (98: Address already in use)" in printed
            assert f"process {os.getpid()} " in printed
        finally:
            master.end()


def test_every_process_has_a_title():
    with EchoMaster(workers=2) as master:
        eventually(lambda: titles(master) == TITLES, what="each child has a title")
        assert psutil.Process(master.pid).cmdline()[0].startswith("forkproxy: master")


def test_systemd_is_told_when_we_serve_reload_and_stop(tmp_path):
    path = str(tmp_path / "notify.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(10)
        with EchoMaster(environment={"NOTIFY_SOCKET": path}) as master:
            ready = notify.recv(1000).decode().split("\n")
            assert "READY=1" in ready
            assert f"MAINPID={master.pid}" in ready
            master.reload()
            assert "RELOADING=1" in notify.recv(1000).decode()
            assert "READY=1" in notify.recv(1000).decode()
            master.signal(signal.SIGQUIT)
            assert "STOPPING=1" in notify.recv(1000).decode()


def test_systemd_is_told_of_the_new_master_after_an_upgrade(tmp_path):
    path = str(tmp_path / "notify.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(10)
        with EchoMaster(environment={"NOTIFY_SOCKET": path}) as master:
            old = master.pid
            master.tell("upgrade")
            eventually(lambda: master.pid != old)
            told = b""
            while f"MAINPID={master.pid}".encode() not in told.split(b"\n"):
                told = notify.recv(1000)


def test_sockets_of_systemd_are_taken_over():
    with socket.socket() as given:
        given.bind(("127.0.0.1", 0))
        given.listen()
        port = given.getsockname()[1]
        code = f"""
import os, sys
os.dup2({given.fileno()}, 3)
os.environ |= dict(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[1], sys.argv[1:])
"""
        wrapper = [sys.executable, "-c", code]
        with EchoMaster(wrapper=wrapper, ports=[port], fds=[given.fileno()]) as master:
            master.port = port
            assert master.ask()[1] == 1
            inode = os.stat(given.fileno()).st_ino
            assert os.readlink(f"/proc/{master.pid}/fd/3") == f"socket:[{inode}]"


@as_root
def test_children_become_the_user_and_the_master_does_not():
    account = {"user": "nobody", "group": "", "uid": NOBODY.pw_uid, "gid": NOBODY.pw_gid}
    with EchoMaster(account=account) as master:
        pid, _ = master.ask()
        keeper = int(master.status()["keeper"])
        for child in (pid, keeper):
            assert status_line(child, "Uid") == [str(NOBODY.pw_uid)] * 4
            assert status_line(child, "Gid") == [str(NOBODY.pw_gid)] * 4
            assert int(status_line(child, "CapEff")[0], 16) == 0
            assert int(status_line(child, "CapPrm")[0], 16) == 0
        assert status_line(master.pid, "Uid")[0] == "0"


@as_root
def test_an_unprivileged_worker_can_reopen_its_log():
    account = {"user": "nobody", "group": "", "uid": NOBODY.pw_uid, "gid": NOBODY.pw_gid}
    with EchoMaster(account=account) as master:
        pid, _ = master.ask()
        log = master.folder / "error.log"
        log.rename(master.folder / "error.log.1")
        master.signal(signal.SIGUSR1)

        def moved():
            folder = f"/proc/{pid}/fd"
            return str(log) in {os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}

        eventually(moved)
        assert log.stat().st_uid == NOBODY.pw_uid


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_a_capability_to_bind_stays_in_the_master():
    wrapper = ["setpriv", "--inh-caps", "+net_bind_service", "--ambient-caps", "+net_bind_service"]
    wrapper += ["--reuid", "nobody", "--clear-groups"]
    probe = [*wrapper, "true"]
    if subprocess.run(probe, capture_output=True).returncode:
        pytest.skip("this machine gives no ambient capabilities")
    with EchoMaster(wrapper=wrapper, mode=0o777) as master:
        pid, _ = master.ask()
        assert int(status_line(master.pid, "CapEff")[0], 16) != 0
        for kind in ("CapEff", "CapPrm", "CapAmb", "CapInh"):
            assert int(status_line(pid, kind)[0], 16) == 0


def test_the_environment_of_children_is_what_the_configuration_names():
    environment = {"SECRET": "x", "TZ": "UTC", "KEPT": "yes"}
    with EchoMaster(environment=environment, env=[["KEPT", None], ["GIVEN", "1"]]) as master:
        with master.connect() as line:
            line.ask("environment")
        found = (master.folder / "environment").read_text().split("\n")
        assert sorted(found) == ["GIVEN=1", "KEPT=yes", "TZ=UTC"]


def test_limits_and_priority_are_taken_on():
    with EchoMaster(rlimit_nofile=333, rlimit_core=0, priority=5) as master:
        pid, _ = master.ask()
        assert psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE) == (333, 333)
        assert psutil.Process(pid).nice() == 5
        assert psutil.Process(master.pid).nice() == psutil.Process().nice()


def test_nothing_is_left_of_a_master_that_could_not_start():
    master = EchoMaster(crash="no such luck")
    try:
        assert master.wait() == 3
        left = {path.name for path in master.folder.iterdir()}
        assert left == {"conf.json", "output", "error.log"}
    finally:
        master.end()


def test_the_program_can_be_process_1_of_a_pid_namespace():
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("no namespaces here")
    with EchoMaster(wrapper=unshare) as master:
        assert master.pid == 1
        assert "process 1" in master.tell("upgrade")
        assert "state: running" in master.tell("status")
        master.tell("stop")
        assert master.wait() == 0


def test_importing_the_master_starts_no_hub():
    code = (
        "import forkproxy.master.process\n"
        "from forkproxy.net import tasks\n"
        "exit(tasks.hub_started())"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
