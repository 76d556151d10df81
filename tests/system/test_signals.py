"""Signals mean what they mean to nginx."""

import os
import signal

from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.master import EchoMaster, alive
from tests.support.proxy import Proxy


def test_quit_lets_open_connections_end_and_then_exits_with_0():
    with EchoMaster() as master:
        line = master.connect()
        pid, _ = line.ask()
        master.signal(signal.SIGQUIT)
        assert line.ask_until_closed() == {pid}
        assert master.wait() == 0
        line.close()


def test_quit_refuses_new_connections_at_once():
    with EchoMaster() as master:
        line = master.connect()
        line.ask()
        master.signal(signal.SIGQUIT)

        def refused():
            try:
                master.connect().close()
            except ConnectionRefusedError:
                return True
            return False

        eventually(refused)
        line.close()


def test_term_ends_at_once():
    with EchoMaster(workers=2) as master:
        line = master.connect()
        line.ask()
        pids = [process.pid for process in master.family()]
        master.signal(signal.SIGTERM)
        assert master.wait(within=4) == 0
        assert not any(alive(pid) for pid in pids)
        line.close()


def test_int_ends_at_once_too():
    with EchoMaster() as master:
        master.signal(signal.SIGINT)
        assert master.wait(within=4) == 0


def test_a_second_word_ends_a_graceful_stop_at_once():
    with EchoMaster() as master:
        line = master.connect()
        line.ask()
        master.signal(signal.SIGQUIT)
        eventually(lambda: "SIGQUIT" in master.log())
        master.signal(signal.SIGTERM)
        assert master.wait(within=4) == 0
        line.close()


def test_at_the_shutdown_timeout_what_is_left_is_closed():
    with EchoMaster(worker_shutdown_timeout=1.0) as master:
        line = master.connect()
        line.ask()
        master.signal(signal.SIGQUIT)
        assert master.wait(within=6) == 0
        assert line.closed()
        assert "closed 1 connections" in master.log()
        line.close()


def test_usr1_reopens_the_logs_of_every_process():
    with EchoMaster() as master:
        log = master.folder / "error.log"
        old = master.folder / "error.log.1"
        log.rename(old)
        pid, _ = master.ask()
        master.signal(signal.SIGUSR1)
        eventually(log.exists)

        def moved():
            for each in (master.pid, pid, int(master.status()["keeper"])):
                folder = f"/proc/{each}/fd"
                held = {os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}
                assert str(old) not in held
                assert str(log) in held
            return True

        eventually(moved)


def test_winch_ends_the_workers_and_hup_brings_them_back():
    with EchoMaster(workers=2) as master:
        master.signal(signal.SIGWINCH)
        eventually(lambda: not master.workers())
        master.signal(signal.SIGHUP)
        eventually(lambda: len(master.worker_pids()) == 2)
        assert master.ask()[1] == 2


def test_ttin_and_ttou_make_one_worker_more_and_one_less():
    with EchoMaster(workers=1, reuseport=True) as master:
        master.signal(signal.SIGTTIN)
        eventually(lambda: len(master.worker_pids()) == 2)
        master.signal(signal.SIGTTOU)
        eventually(lambda: len(master.workers()) == 1)
        assert all(master.ask()[1] == 1 for _ in range(10))


def test_a_worker_ends_gracefully_by_its_own_quit_and_is_replaced():
    with EchoMaster() as master:
        line = master.connect()
        pid, _ = line.ask()
        os.kill(pid, signal.SIGQUIT)
        assert line.ask_until_closed() == {pid}
        eventually(lambda: master.worker_pids() - {pid})
        line.close()


def test_the_pid_file_goes_with_the_master():
    with EchoMaster() as master:
        assert master.pid == master.process.pid
        master.signal(signal.SIGTERM)
        master.wait()
        assert not (master.folder / "pid").exists()
        assert not (master.folder / "control.sock").exists()


def test_connections_that_a_server_keeps_to_itself_delay_no_end():
    conf = """
    events {}
    http {
        upstream itself { server %PORT2%; keepalive 4; }
        server { listen %PORT%; location / { proxy_pass http://itself; } }
        server { listen %PORT2%; location / { return 200 here; } }
    }
    """
    with Proxy(conf) as proxy:
        assert get(proxy.address).body == b"here"
        proxy.signal(signal.SIGQUIT)
        assert proxy.wait(within=4) == 0
