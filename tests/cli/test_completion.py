"""Completion scripts: each shell reads its own, and bash is asked what it offers."""

import shutil
import subprocess

import pytest

from forkproxy.cli.commands import COMMANDS
from forkproxy.cli.main import main


def script(shell, capsys):
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_names_every_command_and_flag(shell, capsys):
    text = script(shell, capsys)
    for command in COMMANDS:
        assert command.name in text
        for option in command.options:
            long = option.flags[-1]
            assert (f"-l {long[2:]}" if shell == "fish" else long) in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_reads_its_script_without_complaint(shell, capsys):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    text = script(shell, capsys)
    done = subprocess.run([shell, "-n"], input=text, text=True, capture_output=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")


def offered(words, capsys):
    """Return what bash offers in the place of the last word."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    typed = " ".join(f"'{word}'" for word in words)
    here = f"COMP_WORDS=({typed}) COMP_CWORD={len(words) - 1}"
    ask = here + "\n_forkproxy\nprintf '%s\\n' ${COMPREPLY[@]}\n"
    text = script("bash", capsys) + ask
    done = subprocess.run([bash], input=text, text=True, capture_output=True, timeout=30)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_offers_the_commands_that_begin_so(capsys):
    assert offered(["forkproxy", "st"], capsys) == ["start", "stop", "status", "state"]


def test_bash_offers_the_flags_of_the_command_at_hand(capsys):
    assert offered(["forkproxy", "check", "--fo"], capsys) == ["--format"]


def test_bash_offers_the_values_of_a_flag(capsys):
    assert offered(["forkproxy", "check", "--format", "j"], capsys) == ["json"]


def test_bash_offers_files_where_a_file_is_wanted(capsys, tmp_path):
    (tmp_path / "site.conf").touch()
    assert offered(["forkproxy", "start", "-c", f"{tmp_path}/si"], capsys) == [
        f"{tmp_path}/site.conf"
    ]


def test_bash_offers_nothing_where_only_the_user_knows(capsys):
    assert offered(["forkproxy", "proxy", "--to", ""], capsys) == []
