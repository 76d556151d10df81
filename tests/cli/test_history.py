"""history and rollback, against a master's control socket in the same process."""

import json

import pytest

from forkproxy.cli.main import main
from tests.cli.test_servers import administered


@pytest.fixture
def master(tmp_path):
    path = str(tmp_path / "control.sock")
    with administered(path) as master:
        master.path = path
        master.history.loaded(1, 1000.0, 0, {"/nginx.conf": "one"})
        master.history.committed(1)
        yield master


def test_each_load_is_a_line(master, capsys):
    assert main(["history", "--socket", master.path]) == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["generation", "loaded", "state"]
    assert line.split()[::2][:2] == ["1", "serving"]
    main(["history", "--json", "--socket", master.path])
    assert json.loads(capsys.readouterr().out)["history"][0]["state"] == "serving"


def test_what_cannot_be_had_again_is_said(master, capsys):
    assert main(["rollback", "7", "--socket", master.path]) == 1
    assert "generation 7 has not served" in capsys.readouterr().err
    assert main(["rollback", "--socket", master.path]) == 1
    assert master.asked == []
