"""Workers die, hang and grow; the master goes on."""

import os
import signal

from tests.support.eventually import eventually
from tests.support.master import EchoMaster, alive


def test_a_killed_worker_is_replaced_within_a_second():
    with EchoMaster() as master:
        pid, _ = master.ask()
        os.kill(pid, signal.SIGKILL)
        other = eventually(lambda: master.worker_pids() - {pid}, within=1.0)
        assert master.ask()[0] in other


def test_a_killed_worker_takes_only_its_own_connections_along():
    with EchoMaster(workers=2) as master:
        lines, pids = [], []
        while len(set(pids)) < 2 and len(lines) < 500:
            lines.append(master.connect())
            pids.append(lines[-1].ask()[0])
        assert len(set(pids)) == 2
        os.kill(pids[0], signal.SIGKILL)
        eventually(lambda: lines[0].closed())
        assert lines[-1].ask()[0] == pids[-1]
        for line in lines:
            line.close()


def test_a_worker_that_keeps_dying_is_respawned_ever_more_slowly_and_the_master_lives():
    with EchoMaster() as master:
        for _ in range(4):
            (pid,) = eventually(master.worker_pids)
            os.kill(pid, signal.SIGKILL)
            eventually(lambda pid=pid: pid not in master.worker_pids())
        assert int(master.status()["totals.respawns"]) >= 3
        assert eventually(master.worker_pids)
        assert master.ask()


def test_the_dead_leave_no_zombie_and_the_log_says_how_they_ended():
    with EchoMaster() as master:
        pid, _ = master.ask()
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: master.worker_pids() - {pid})
        assert not alive(pid)
        assert not os.path.exists(f"/proc/{pid}")
        assert f"worker process {pid} exited on signal 9" in master.log()


def test_connections_of_a_dead_worker_are_not_counted_any_more():
    with EchoMaster() as master:
        line = master.connect()
        pid, _ = line.ask()
        eventually(lambda: master.status()["connections.active"] == "1")
        requests = int(master.status()["totals.requests"])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: master.status()["connections.active"] == "0")
        assert int(master.status()["totals.requests"]) == requests
        line.close()


def test_a_worker_that_crashes_at_start_ends_the_start_with_3_and_the_reason():
    master = EchoMaster(crash="no such luck")
    try:
        assert master.wait() == 3
        assert "no such luck" in master.log()
        assert not master.family()
    finally:
        master.end()


def test_a_worker_that_hangs_leaves_its_stack_in_the_log_and_is_replaced():
    with EchoMaster() as master:
        line = master.connect()
        pid, _ = line.ask()
        line.send("hang")
        other = eventually(lambda: master.worker_pids() - {pid}, within=30)
        log = master.log()
        assert f"worker process {pid} does not answer" in log
        assert "in obey" in log
        assert "| greenlet" in log
        assert master.ask()[0] in other
        line.close()


def test_a_worker_over_its_memory_limit_is_replaced_gracefully():
    with EchoMaster(worker_memory_limit=80 * 1024 * 1024) as master:
        line = master.connect()
        pid, _ = line.ask()
        line.ask("grow")
        assert line.ask("stay")[0] == pid
        eventually(lambda: master.worker_pids() - {pid}, within=15)
        assert alive(pid)
        assert line.ask()[0] == pid
        eventually(lambda: not alive(pid))
        line.close()


def test_a_neighbour_accepts_for_a_slot_that_is_without_a_worker():
    with EchoMaster(workers=2, reuseport=True) as master:
        slots = {int(row["slot"]): int(row["pid"]) for row in master.workers()}
        for _ in range(5):  # until the slot must wait for its worker
            pids = {int(row["slot"]): int(row["pid"]) for row in master.workers()}
            if 0 in pids:
                os.kill(pids[0], signal.SIGKILL)
                eventually(
                    lambda pid=pids[0]: pid not in {int(row["pid"]) for row in master.workers()}
                )
        answers = {master.ask()[0] for _ in range(20)}
        assert slots[1] in answers
