"""Folders and logs, and what may be wrong with them."""

import os
import stat

import pytest

from forkproxy.assembly.outside import Paper
from forkproxy.errors import ConfigError
from tests.support.building import Building, server

UNPRIVILEGED = os.geteuid() != 0


@pytest.fixture
def load(tmp_path):
    with Building(tmp_path) as building:
        yield building.load


@pytest.mark.parametrize(
    "line",
    ["access_log %s/none/x.log;", "error_log %s/none/x.log;"],
)
def test_a_log_that_cannot_be_opened_is_an_error(load, tmp_path, line):
    with pytest.raises(ConfigError, match="No such file or directory"):
        load(server(line % tmp_path))


def test_a_temporary_folder_that_cannot_be_made_is_an_error(load, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"mkdir\(\) \".*file/x\" failed"):
        load(server(f"client_body_temp_path {tmp_path}/file/x;"))


def test_temporary_folders_are_made_and_private(load, tmp_path):
    load(server(f"location / {{ client_body_temp_path {tmp_path}/a/b 1 2; }}"))
    assert stat.S_IMODE((tmp_path / "a/b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "client_body_temp").stat().st_mode) == 0o700


@pytest.mark.skipif(not UNPRIVILEGED, reason="root may write everywhere")
def test_where_the_prefix_is_not_ours_the_systems_folder_does(load, tmp_path):
    tmp_path.chmod(0o500)
    try:
        load(server("return 204;", "127.0.0.1:1"))
    finally:
        tmp_path.chmod(0o700)


def test_what_outlives_a_restart_has_a_private_folder(load, tmp_path):
    generation = load(server("return 204;"))
    assert generation.state_path == f"{tmp_path}/forkproxy.state"
    assert stat.S_IMODE((tmp_path / "forkproxy.state").stat().st_mode) == 0o700


def test_on_paper_nothing_is_made_or_opened(tmp_path):
    paper = Paper(str(tmp_path), None, heard="the log of all")
    assert paper.temp_path((), "client_body_temp") == f"{tmp_path}/client_body_temp"
    paper.folder(f"{tmp_path}/cache")
    assert paper.log(f"{tmp_path}/none/x.log").path == f"{tmp_path}/none/x.log"
    assert paper.error_log(None) == "the log of all"
    assert list(tmp_path.iterdir()) == []
