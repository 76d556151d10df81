import subprocess
import sys
import textwrap

from tests.support.master import ROOT


def run(body):
    """Run a script that has a Terminal and whose parent waits; return its process."""
    script = f"""
import os, sys
from forkproxy.master.daemon import Terminal, redirect_errors
terminal = Terminal()
pid = os.fork()
if pid:
    sys.exit(terminal.wait(pid))
terminal.leave()
{textwrap.dedent(body)}
"""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=10)


def test_the_terminal_learns_that_all_is_well():
    assert run("terminal.tell(0)").returncode == 0


def test_the_terminal_learns_the_code_of_a_failure():
    assert run("terminal.tell(3)").returncode == 3


def test_a_daemon_that_ends_without_a_word_has_failed():
    assert run("os._exit(0)").returncode == 1
    assert run("os._exit(7)").returncode == 7


def test_errors_are_shown_until_the_start_is_over_and_then_logged(tmp_path):
    log = tmp_path / "log"
    body = f"""
    from forkproxy.shared.logfile import files
    print("early", file=sys.stderr, flush=True)
    print("nowhere", flush=True)
    terminal.tell(0)
    redirect_errors(files.open({str(log)!r}))
    print("late", file=sys.stderr, flush=True)
    """
    done = run(body)
    assert done.stderr == "early\n"
    assert done.stdout == ""
    assert log.read_text() == "late\n"


def test_only_the_first_word_counts():
    assert run("terminal.tell(0); terminal.tell(3)").returncode == 0
