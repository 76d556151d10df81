import os
import subprocess
import sys

import pytest

from forkproxy.child.settle import processors
from forkproxy.config.settings import CpuAffinity
from tests.support.master import ROOT


def test_with_auto_each_worker_has_one_processor_in_turn():
    mask = (frozenset({1, 3}),)
    assert [processors(True, mask, slot) for slot in range(3)] == [{1}, {3}, {1}]


def test_with_auto_and_no_mask_all_that_we_may_use_are_given_out():
    usable = sorted(os.sched_getaffinity(0))
    assert processors(True, (), len(usable)) == {usable[0]}


def test_the_last_mask_serves_all_further_workers():
    masks = (frozenset({0}), frozenset({1, 2}))
    assert [processors(False, masks, slot) for slot in range(4)] == [{0}, {1, 2}, {1, 2}, {1, 2}]


def settle(prints, slot=0, **changes):
    """Settle in a process of its own; return what it printed and logged."""
    code = f"""
import json, os, resource
from dataclasses import replace
from pathlib import Path
from forkproxy.child.settle import settle
from forkproxy.config.settings import CpuAffinity, ProcessSettings
from tests.support.echo import defaults
settings = ProcessSettings(**(defaults(Path("/")) | dict(workers=1, control=None)))
settle(replace(settings, **{changes!r}), {slot})
{prints}
"""
    command = [sys.executable, "-c", code]
    environment = os.environ | {"TZ": "UTC", "SECRET": "x", "KEPT": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20
    )


def test_only_what_is_named_stays_in_the_environment():
    env = (("KEPT", None), ("GIVEN", "2"), ("MISSING", None))
    done = settle("print(sorted(os.environ.items()))", env=env)
    assert done.stdout == "[('GIVEN', '2'), ('KEPT', '1'), ('TZ', 'UTC')]\n"


def test_the_folder_is_entered(tmp_path):
    done = settle("print(os.getcwd())", working_directory=str(tmp_path))
    assert done.stdout == f"{tmp_path}\n"


def test_a_folder_that_is_not_there_is_an_error():
    done = settle("", working_directory="/nowhere")
    assert 'chdir("/nowhere") failed (2: No such file or directory)' in done.stderr
    assert done.returncode != 0


def test_limits_and_priority_are_set():
    done = settle(
        "print(resource.getrlimit(resource.RLIMIT_NOFILE), os.nice(0))",
        rlimit_nofile=100,
        rlimit_core=0,
        priority=3,
    )
    assert done.stdout == "(100, 100) 3\n"


def test_what_cannot_be_had_is_logged_and_the_process_goes_on():
    done = settle("print('on')", rlimit_nofile=1 << 40)
    assert "setrlimit() for worker_rlimit_nofile" in done.stderr
    assert done.stdout == "on\n"


@pytest.mark.parametrize("slot", [0, -1], ids=["worker", "keeper"])
def test_the_keeper_goes_where_it_likes(slot):
    code = "print(len(os.sched_getaffinity(0)))"
    done = settle(code, slot, cpu_affinity=CpuAffinity(True))
    everywhere = len(os.sched_getaffinity(0))
    assert done.stdout == f"{1 if slot == 0 else everywhere}\n"
