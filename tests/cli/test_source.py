"""Where a configuration is looked for, and what it is loaded with."""

import argparse
import os
from pathlib import Path

import pytest

from forkproxy.cli.source import SEARCHED, AtTerminal, File, Text, find, workplace


def options(conf=None, prefix=None, directives=None):
    return argparse.Namespace(conf=conf, prefix=prefix, directives=directives)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_that_is_named_is_taken_before_any_other(here):
    (here / "forkproxy.conf").touch()
    assert find(options(conf="other.conf")) == File(str(here / "other.conf"))


def test_the_search_goes_in_order(here):
    assert SEARCHED == ("forkproxy.conf", "nginx.conf", "/etc/forkproxy/forkproxy.conf")
    (here / "nginx.conf").touch()
    assert find(options()) == File(str(here / "nginx.conf"))
    (here / "forkproxy.conf").touch()
    assert find(options()) == File(str(here / "forkproxy.conf"))


@pytest.mark.skipif(Path(SEARCHED[-1]).exists(), reason="this machine has a configuration")
def test_where_nothing_is_found_there_is_no_source(here):
    assert find(options()) is None


def test_a_relative_prefix_is_of_the_working_directory(here):
    found = find(options(conf="a.conf", prefix="below", directives="daemon off;"))
    assert found == File(str(here / "a.conf"), str(here / "below"), "daemon off;")


def test_a_file_is_read_anew_with_each_load(here):
    file = here / "a.conf"
    source = File(str(file))
    file.write_text("events {}")
    assert source.load().main.value("worker_processes") == 1
    file.write_text("worker_processes 3; events {}")
    assert source.load().main.value("worker_processes") == 3


def test_the_prefix_of_a_file_is_its_folder(here):
    (here / "a.conf").write_text("events {}")
    assert File(str(here / "a.conf")).load().prefix == str(here)


def test_a_text_has_the_prefix_it_is_given(here):
    config = Text("a test", "events {}", str(here / "there")).load()
    assert (config.path, config.prefix) == ("a test", str(here / "there"))


def logs(source):
    return [line.value.path for line in source.load().main.lines("error_log")]


def test_at_the_terminal_errors_are_shown_unless_the_file_sends_them_elsewhere(here):
    (here / "a.conf").write_text("events {}")
    assert logs(AtTerminal(File(str(here / "a.conf")))) == [""]
    (here / "a.conf").write_text("error_log there; events {}")
    assert logs(AtTerminal(File(str(here / "a.conf")))) == [str(here / "there")]


def test_a_workplace_lasts_as_long_as_its_block():
    with workplace() as prefix:
        assert (Path(prefix) / "logs").is_dir()
    assert not Path(prefix).exists()


def test_a_workplace_that_was_given_is_left_alone(tmp_path):
    with workplace(str(tmp_path)) as prefix:
        assert prefix == str(tmp_path)
    assert tmp_path.exists()


def test_a_forked_child_that_leaves_the_block_leaves_the_workplace():
    block = workplace()
    prefix = block.__enter__()
    child = os.fork()  # noqa: TID251
    if child == 0:
        block.__exit__(None, None, None)
        os._exit(0)
    os.waitpid(child, 0)
    assert Path(prefix).exists()
    block.__exit__(None, None, None)
    assert not Path(prefix).exists()
