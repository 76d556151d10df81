"""Orders to a master: whom they reach, and what is said where they reach nobody."""

import signal
import subprocess
import sys

import pytest

from forkproxy.cli.commands import COMMANDS
from forkproxy.cli.ctl import SIGNALS
from forkproxy.cli.main import main

# Says what it is ready for, then which signal came first; TERM ends it silently.
LISTENING = """
import signal, sys
caught = []
for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(number, lambda number, frame: caught.append(number))
print("ready", flush=True)
while not caught:
    signal.sigtimedwait([], 0.02)
print(signal.Signals(caught[0]).name, flush=True)
"""


@pytest.fixture
def master(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", LISTENING], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    process.file = tmp_path / "pid"
    process.file.write_text(f"{process.pid}\n")
    yield process
    process.kill()
    process.communicate(timeout=10)


def test_each_order_is_a_command():
    assert set(SIGNALS) <= {command.name for command in COMMANDS}


@pytest.mark.parametrize(
    ("command", "number"),
    [("reload", "SIGHUP"), ("quit", "SIGQUIT"), ("reopen", "SIGUSR1"), ("upgrade", "SIGUSR2")],
)
def test_an_order_is_nginxs_signal_to_the_process_of_the_pid_file(command, number, master):
    assert main([command, "--pid", str(master.file)]) == 0
    assert master.stdout.readline() == f"{number}\n"


def test_stop_returns_when_the_process_is_gone(master):
    assert main(["stop", "--pid", str(master.file)]) == 0
    assert master.wait(0.5) == -signal.SIGTERM


def test_an_order_whose_outcome_is_not_known_says_where_to_look(master, capsys):
    main(["reload", "--pid", str(master.file)])
    assert "error log" in capsys.readouterr().err


def test_a_pid_file_that_is_not_there_means_that_nobody_runs(tmp_path, capsys):
    assert main(["quit", "--pid", str(tmp_path / "none")]) == 1
    assert "does not run" in capsys.readouterr().err


def test_a_pid_file_that_was_left_behind_means_that_nobody_runs(master, capsys):
    master.kill()
    master.wait(10)
    assert main(["quit", "--pid", str(master.file)]) == 1
    assert "does not run" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "0", "-1", "word", "1 2"])
def test_a_pid_file_with_anything_else_is_named(tmp_path, text, capsys):
    (tmp_path / "pid").write_text(text)
    assert main(["stop", "--pid", str(tmp_path / "pid")]) == 1
    assert str(tmp_path / "pid") in capsys.readouterr().err


def test_without_a_configuration_nobody_knows_where_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["reload"]) == 1
    assert "forkproxy.conf" in capsys.readouterr().err


def test_the_configuration_says_where_the_pid_file_is(master, tmp_path, capsys):
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"pid {master.file}; control_socket off; events {{}}")
    assert main(["reopen", "-c", str(conf)]) == 0
    assert master.stdout.readline() == "SIGUSR1\n"


@pytest.mark.parametrize("text", ["pid {}; evnts {{}}", "http {{ }} pid {};", "pid {}; http {{"])
def test_a_master_can_be_told_to_go_though_its_file_is_wrong_by_now(text, master, tmp_path):
    conf = tmp_path / "nginx.conf"
    conf.write_text(text.format(master.file))
    assert main(["quit", "-c", str(conf)]) == 0
    assert master.stdout.readline() == "SIGQUIT\n"


def test_a_configuration_that_is_wrong_is_reported_as_check_does(tmp_path, capsys):
    conf = tmp_path / "nginx.conf"
    conf.write_text("evnts {}")
    assert main(["reload", "-c", str(conf)]) == 1
    assert 'unknown directive "evnts"' in capsys.readouterr().err


def test_status_needs_the_control_socket(tmp_path, capsys):
    conf = tmp_path / "nginx.conf"
    conf.write_text("control_socket off; events {}")
    assert main(["status", "-c", str(conf)]) == 1
    assert "control_socket" in capsys.readouterr().err


def test_status_of_nobody_is_an_error_that_names_the_socket(tmp_path, capsys):
    assert main(["status", "--socket", str(tmp_path / "none")]) == 1
    assert str(tmp_path / "none") in capsys.readouterr().err
