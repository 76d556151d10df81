"""Parsing, dispatch and exit statuses of the command line."""

import os
import subprocess
import sys

import pytest

from forkproxy.cli.commands import COMMANDS
from forkproxy.cli.main import complaint, main
from forkproxy.errors import ConfigError

FORKPROXY = [sys.executable, "-m", "forkproxy"]
HEAVY = (
    "gevent",
    "greenlet",
    "lmdb",
    "psutil",
    "forkproxy.net",
    "forkproxy.wire",
    "forkproxy.config",
)


def run(*arguments, **settings):
    return subprocess.run(
        [*FORKPROXY, *arguments], capture_output=True, text=True, timeout=30, **settings
    )


def test_python_runs_the_package():
    done = run("version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("forkproxy ")


def test_without_a_command_it_says_which_there_are(capsys):
    assert main([]) == 2
    assert all(command.name in capsys.readouterr().err for command in COMMANDS[:1])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_command_has_help_that_names_its_options_and_examples(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command.name, "--help"])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    for option in command.options:
        assert option.flags[-1] in said
    for example in command.examples:
        assert example in said


def test_what_is_wrong_at_a_line_is_shown_with_the_line(tmp_path):
    conf = tmp_path / "nginx.conf"
    conf.write_text("events {}\nhttp {\n    server {}\n}\n")
    error = ConfigError("cannot load it", path=str(conf), line=3, column=5, hint="make it")
    assert complaint(error).splitlines() == [
        f"nginx: [emerg] cannot load it in {conf}:3",
        f"  {conf}:3:5",
        " 3 |     server {}",
        "   |     ^^^^^^",
        "  hint: make it",
        "1 error",
    ]


def test_what_is_wrong_nowhere_is_said_in_a_line():
    assert complaint(ConfigError("no room")) == "forkproxy: no room\n"
    assert complaint(ConfigError("no room", hint="make some")).endswith("  hint: make some\n")
    assert complaint(ConfigError("no room: make some", hint="make some")).count("make some") == 1


@pytest.mark.parametrize("arguments", [["strat"], ["start", "--wrokers", "2"], ["proxy"]])
def test_bad_usage_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: forkproxy" in capsys.readouterr().err


def test_an_error_of_ours_is_one_line_and_status_1(capsys):
    assert main(["proxy", "--to", "https://example.com"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("forkproxy: --to:")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["version"], ["--help"], ["completion", "bash"]])
def test_what_only_prints_imports_neither_gevent_nor_the_compiled_modules(arguments):
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "forkproxy", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert not [name for name in imported if name.startswith(HEAVY)]


def test_a_reader_that_leaves_early_is_no_error_to_shout_about():
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*FORKPROXY, "completion", "zsh"], stdout=write, stderr=subprocess.PIPE, timeout=30
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")
