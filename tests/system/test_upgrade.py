"""USR2 replaces the running program, and nobody outside notices."""

import os
import signal
import threading

import psutil

from tests.support.eventually import eventually
from tests.support.master import EchoMaster, alive


def upgraded(master, old):
    """Return the pid of the new master, once the pid file names it and it serves."""

    def new():
        assert master.pid != old
        assert "state: running" in master.tell("status")
        return master.pid

    return eventually(new, within=15)


def test_a_new_master_takes_over_and_the_old_one_goes():
    with EchoMaster(workers=2) as master:
        old = master.pid
        workers = master.worker_pids()
        master.signal(signal.SIGUSR2)
        new = upgraded(master, old)
        assert master.wait() == 0
        assert master.ask()[0] not in workers
        assert alive(new)
        assert not (master.folder / "pid.oldbin").exists()
        assert psutil.Process(new).ppid() != old


def test_no_connection_is_lost_meanwhile():
    with EchoMaster(workers=2) as master:
        failures, pids, ended = [], set(), threading.Event()

        def ask_on():
            while not ended.is_set():
                try:
                    pids.add(master.ask()[0])
                except (OSError, EOFError) as error:
                    failures.append(error)

        thread = threading.Thread(target=ask_on, daemon=True)
        thread.start()
        try:
            old = master.pid
            assert "serves" in master.tell("upgrade")
            upgraded(master, old)
            master.wait()
            new = master.worker_pids()
            eventually(lambda: new & pids)
        finally:
            ended.set()
            thread.join()
        assert not failures


def test_connections_of_the_old_program_go_on():
    with EchoMaster() as master:
        old = master.pid
        line = master.connect()
        worker, _ = line.ask()
        assert "serves" in master.tell("upgrade")
        assert line.ask("stay")[0] == worker
        assert line.ask_until_closed() == {worker}
        upgraded(master, old)


def test_a_new_program_that_does_not_start_leaves_the_old_one_serving():
    with EchoMaster() as master:
        old, worker = master.pid, master.ask()[0]
        master.write(error="unknown directive")
        assert "the new master exited with code 1" in master.tell("upgrade")
        assert master.pid == old
        assert master.ask()[0] == worker
        assert master.status()["state"] == "running"
        master.write(error="")
        assert "serves" in master.tell("upgrade")


def test_a_new_program_whose_workers_crash_leaves_the_old_one_serving():
    with EchoMaster() as master:
        old, worker = master.pid, master.ask()[0]
        master.write(crash="no such luck")
        assert "the new master exited with code 3" in master.tell("upgrade")
        assert master.pid == old
        assert master.ask()[0] == worker


def test_what_was_ordered_of_a_peer_goes_over():
    with EchoMaster(peers=["api/10.0.0.1:80"]) as master:
        old = master.pid
        master.tell("drain api 10.0.0.1:80 --force")
        master.tell("upgrade")
        upgraded(master, old)
        assert master.status()["peers.api/10.0.0.1:80.order"] == "drain"


def test_sockets_of_slots_and_unix_sockets_go_over_too():
    with EchoMaster(workers=2, reuseport=True) as master:
        path = str(master.folder / "serve.sock")
        master.reload(ports=[master.port, path])
        inode = os.stat(path).st_ino
        old = master.pid
        master.tell("upgrade")
        upgraded(master, old)
        master.wait()
        assert os.stat(path).st_ino == inode
        assert {master.ask()[1] for _ in range(10)} == {1}
