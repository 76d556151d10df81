"""What processes, listeners and descriptors do at a reload."""

import os
import signal
import socket
import threading

import psutil

from tests.support.eventually import eventually
from tests.support.master import EchoMaster, alive
from tests.support.sockets import connect, free_port


def descriptors(pid):
    """Return what the descriptors of a process are, by number; itself is called `self`."""
    folder = f"/proc/{pid}/fd"
    found = {int(name): os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}
    return {number: target.replace(str(pid), "self") for number, target in found.items()}


def test_a_reload_brings_new_workers_and_ends_the_old():
    with EchoMaster(workers=2) as master:
        old = master.worker_pids()
        assert master.reload().startswith("generation 2, 2 workers")
        # The old ones have been told, and may take what was on its way to them.
        eventually(lambda: master.ask()[1] == 2)
        eventually(lambda: not any(alive(pid) for pid in old))


def test_hup_reloads_and_the_log_tells():
    with EchoMaster() as master:
        master.signal(signal.SIGHUP)
        eventually(lambda: master.ask()[1] == 2)
        eventually(lambda: "reloaded: generation 2" in master.log())


def test_a_connection_stays_with_its_old_worker_until_it_ends():
    with EchoMaster() as master:
        line = master.connect()
        pid, _ = line.ask()
        master.reload()
        assert line.ask("stay") == (pid, 1)
        assert "1" in master.tell("status").split("draining.1: ")[1]
        line.close()
        eventually(lambda: not alive(pid))


def test_no_connection_is_lost_over_twenty_reloads():
    with EchoMaster(workers=2) as master:
        failures, asked, ended = [], [], threading.Event()

        def ask_on():
            while not ended.is_set():
                try:
                    asked.append(master.ask()[1])
                except (OSError, EOFError) as error:
                    failures.append(error)

        threads = [threading.Thread(target=ask_on, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                assert master.reload().startswith("generation")
        finally:
            ended.set()
            for thread in threads:
                thread.join()
        assert not failures
        assert len(asked) > 50


def test_a_configuration_that_is_wrong_changes_nothing():
    with EchoMaster() as master:
        pids = master.worker_pids()
        assert master.reload(error='unknown directive "sever"') == 'unknown directive "sever"'
        assert master.worker_pids() == pids
        assert master.ask()[1] == 1
        assert master.status()["last_reload"] == 'failed: unknown directive "sever"'


def test_a_reload_that_cannot_bind_says_who_is_there_and_changes_nothing():
    with EchoMaster() as master, socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        taken = stranger.getsockname()[1]
        pids = master.worker_pids()
        answer = master.reload(ports=[master.port, free_port(), taken])
        assert f"bind() to 127.0.0.1:{taken} failed (98: Address already in use)" in answer
        assert f"process {os.getpid()} " in answer
        assert master.worker_pids() == pids
        assert master.ask()[1] == 1


def test_a_new_worker_that_crashes_changes_nothing():
    with EchoMaster(workers=2) as master:
        pids = master.worker_pids()
        assert "no such luck" in master.reload(crash="no such luck")
        assert master.worker_pids() == pids
        assert master.ask()[1] == 1
        assert master.reload(crash="").startswith("generation 3")
        assert master.ask()[1] == 3


def test_a_listener_that_is_no_longer_named_is_closed_and_a_new_one_serves():
    with EchoMaster() as master:
        old, master.port = master.port, free_port()
        master.reload(ports=[master.port])
        assert master.ask()[1] == 2

        def refused():
            try:
                connect(f"127.0.0.1:{old}").close()
            except ConnectionRefusedError:
                return True
            return False

        eventually(refused)


def test_reuseport_comes_and_goes_with_a_reload():
    with EchoMaster(workers=2) as master:
        assert master.reload(reuseport=True).startswith("generation 2")
        assert {master.ask()[1] for _ in range(20)} == {2}
        assert master.reload(reuseport=False).startswith("generation 3")
        eventually(lambda: {master.ask()[1] for _ in range(20)} == {3})


def test_reloads_asked_for_during_a_reload_are_done_once():
    with EchoMaster() as master:
        os.kill(master.pid, signal.SIGSTOP)
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(master.tell("reload")), daemon=True)
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        os.kill(master.pid, signal.SIGCONT)
        for thread in threads:
            thread.join()
        assert len(answers) == 4
        assert master.ask()[1] <= 5
        assert all(answer.startswith("generation") for answer in answers)


def test_reloads_leak_no_descriptor_in_the_master():
    with EchoMaster(workers=2) as master:
        master.reload()
        eventually(lambda: len(master.workers()) == 2)
        before = descriptors(master.pid)
        for _ in range(5):
            master.reload()
        eventually(lambda: len(master.workers()) == 2)
        eventually(lambda: len(descriptors(master.pid)) <= len(before))


def test_a_worker_holds_nothing_but_its_own():
    with EchoMaster(workers=2) as master:
        for _ in range(3):
            master.reload()
        eventually(lambda: len(master.workers()) == 2)
        first, second = (descriptors(pid) for pid in sorted(master.worker_pids()))
        kinds = sorted(target.split(":")[0] for target in first.values())
        assert kinds == sorted(target.split(":")[0] for target in second.values())
        # One listener, our end of the channel, and the two ends of the signals' wake-up.
        assert kinds.count("socket") == 4
        assert str(master.folder / "error.log") in first.values()


def test_a_worker_imports_nothing_after_it_has_begun():
    with EchoMaster() as master:
        with master.connect() as line:
            line.ask("modules")
        assert (master.folder / "modules").read_text() == ""


def test_the_keeper_is_replaced_and_there_is_one():
    with EchoMaster() as master:
        old = int(master.status()["keeper"])
        master.reload()
        eventually(lambda: int(master.status()["keeper"]) not in (0, old))
        eventually(lambda: not alive(old))
        titles = [" ".join(child.cmdline()) for child in psutil.Process(master.pid).children()]
        assert sum("keeper" in title for title in titles) == 1
