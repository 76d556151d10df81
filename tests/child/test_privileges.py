import os
import subprocess
import sys

import pytest

from tests.support.master import ROOT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def run(code):
    """Run code in a process of its own; return what it printed."""
    code = f"import os\nfrom forkproxy.child.privileges import *\n{code}"
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)


@as_root
def test_a_dropped_user_cannot_be_taken_back():
    done = run("""
drop("nobody", 65534, 65534)
print(os.getresuid(), os.getresgid(), 0 in os.getgroups())
try:
    os.setuid(0)
except PermissionError:
    print("no way back")
""")
    ids = "(65534, 65534, 65534)"
    assert done.stdout == f"{ids} {ids} False\nno way back\n"


@as_root
def test_proc_stays_readable_for_those_who_look_after_us():
    done = run("""
drop("nobody", 65534, 65534)
print(len(os.listdir("/proc/self/fd")) > 0)
""")
    assert done.stdout == "True\n"


@as_root
def test_without_capabilities_nothing_is_left_to_a_user():
    done = run("""
drop("nobody", 65534, 65534)
drop_capabilities()
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")][:3])
""")
    assert done.stdout == f"{['0' * 16] * 3}\n"


def test_a_user_that_may_not_be_taken_is_an_error():
    done = run("""
import ctypes
if os.geteuid() == 0:
    os.setuid(65534)
try:
    drop("root", 0, 0)
except PrivilegeError as error:
    print(error)
""")
    assert done.stdout == "cannot become root: Operation not permitted\n"
