"""Nobody outlives the master."""

import os
import signal

import psutil

from tests.support.eventually import eventually
from tests.support.master import EchoMaster, alive


def test_a_killed_master_leaves_no_process_after_five_seconds():
    with EchoMaster(workers=2) as master:
        lines = [master.connect() for _ in range(4)]
        for line in lines:
            line.ask()
        pids = [child.pid for child in psutil.Process(master.pid).children()]
        assert len(pids) == 3
        os.kill(master.pid, signal.SIGKILL)
        eventually(lambda: not any(alive(pid) for pid in pids), within=5.0)
        for line in lines:
            line.close()


def test_a_master_killed_during_a_reload_leaves_no_process_either():
    with EchoMaster(workers=2) as master:
        line = master.connect()
        line.ask()
        master.reload()
        pids = [child.pid for child in psutil.Process(master.pid).children()]
        os.kill(master.pid, signal.SIGKILL)
        eventually(lambda: not any(alive(pid) for pid in pids), within=5.0)
        line.close()
