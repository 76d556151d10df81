import sys

from loadtest import proc
from loadtest.child import Child, Cores
from tests.support.eventually import eventually

CORES = Cores.available()
FORKS = "import os, time; os.fork(); print(os.getpid(), flush=True); time.sleep(60)"


def test_a_child_and_what_it_started_are_gone_at_the_end(tmp_path):
    with Child([sys.executable, "-c", FORKS], CORES.proxy, tmp_path / "out") as child:
        eventually(lambda: len(child.said().splitlines()) == 2, 5, "both run")
        members = proc.living(child.pid)
        assert len(members) == 2
    eventually(lambda: not any(map(proc.alive, members)), 5, "both are gone")


def test_a_child_runs_on_its_core(tmp_path):
    words = [sys.executable, "-c", "import os; print(os.sched_getaffinity(0))"]
    with Child(words, CORES.load, tmp_path / "out") as child:
        assert child.wait(10) == 0
        assert child.said() == f"{{{CORES.load}}}\n"


def test_ending_twice_is_harmless(tmp_path):
    child = Child(["true"], CORES.load, tmp_path / "out")
    child.end()
    child.end()
    assert not child.alive()
