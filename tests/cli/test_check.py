"""`forkproxy check`: where its report goes, and its exit status."""

import json
from pathlib import Path

import pytest

from forkproxy.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "conf" / "examples"
SHIPPED = Path(__file__).parents[2] / "forkproxy" / "config" / "shipped" / "forkproxy.conf"


@pytest.fixture
def conf(tmp_path):
    return tmp_path / "nginx.conf"


def check(conf, *arguments):
    return main(["check", "-c", str(conf), *arguments])


def test_a_good_configuration_is_0_and_said_on_stdout(conf, capsys):
    conf.write_text("events {}\n")
    assert check(conf) == 0
    said = capsys.readouterr()
    assert "test is successful" in said.out
    assert said.err == ""


def test_a_bad_one_is_1_and_said_on_stderr_with_all_its_mistakes(conf, capsys):
    conf.write_text("evnts {}\nworker_processes many;\n")
    assert check(conf) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert 'unknown directive "evnts"' in said.err
    assert "worker_processes" in said.err
    assert "2 errors" in said.err


def test_a_file_that_is_not_there_is_1(conf, capsys):
    assert check(conf) == 1
    assert str(conf) in capsys.readouterr().err


def test_json_is_one_document_whatever_the_outcome(conf, capsys):
    conf.write_text("events {}\n")
    assert check(conf, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["status"] == "ok"
    conf.write_text("evnts {}\n")
    assert check(conf, "--format", "json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["status"] == "failed"
    assert found["problems"][0]["line"] == 1


def test_verbose_lists_what_is_accepted_without_effect(conf, capsys):
    conf.write_text("pcre_jit on; events {}\n")
    assert check(conf) == 0
    assert '"pcre_jit"' not in capsys.readouterr().out
    assert check(conf, "-v") == 0
    assert '"pcre_jit"' in capsys.readouterr().out


def test_directives_of_the_command_line_are_checked_too(conf, capsys):
    conf.write_text("events {}\n")
    assert check(conf, "-g", "worker_proceses 2;") == 1
    assert "worker_proceses" in capsys.readouterr().err


def test_without_a_configuration_it_says_where_it_looked(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 1
    assert "forkproxy.conf, nginx.conf, /etc/forkproxy/forkproxy.conf" in capsys.readouterr().err


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.conf")), ids=lambda path: path.stem)
def test_every_example_can_be_used(example, capsys):
    assert check(example) == 0
    assert "warning" not in capsys.readouterr().out


def test_d5_all_errors_are_reported_or_on_request_the_first_alone(tmp_path, capsys):
    (tmp_path / "a.conf").write_text("one; two;\nevents {}\n")
    assert check(tmp_path / "a.conf") == 1
    assert capsys.readouterr().err.count("[emerg]") == 2
    assert check(tmp_path / "a.conf", "--first") == 1
    assert capsys.readouterr().err.count("[emerg]") == 1


def test_the_default_configuration_can_be_used_and_is_the_one_that_is_shipped(capsys):
    default = EXAMPLES.parent / "forkproxy.conf"
    assert check(default) == 0
    assert "warning" not in capsys.readouterr().out
    assert default.read_bytes() == SHIPPED.read_bytes()
