import os

import pytest

from forkproxy.master.pidfile import PidFile, PidFileError


def test_it_holds_our_pid_until_it_is_removed(tmp_path):
    path = tmp_path / "pid"
    file = PidFile(str(path))
    file.write()
    assert path.read_text() == f"{os.getpid()}\n"
    file.remove()
    assert not path.exists()


def test_a_file_of_another_master_stays(tmp_path):
    path = tmp_path / "pid"
    file = PidFile(str(path))
    file.write()
    path.write_text("1\n")
    file.remove()
    assert path.read_text() == "1\n"


def test_it_steps_aside_for_a_new_master_and_back(tmp_path):
    path, old = tmp_path / "pid", tmp_path / "pid.oldbin"
    file = PidFile(str(path))
    file.write()
    file.step_aside()
    assert old.exists()
    assert not path.exists()
    file.step_back()
    assert path.exists()
    assert not old.exists()


def test_the_old_one_is_removed_where_it_stepped_aside_to(tmp_path):
    path, old = tmp_path / "pid", tmp_path / "pid.oldbin"
    file = PidFile(str(path))
    file.write()
    file.step_aside()
    path.write_text("1\n")
    file.remove()
    assert path.exists()
    assert not old.exists()


def test_it_moves_when_the_configuration_says_so(tmp_path):
    file = PidFile(str(tmp_path / "one"))
    file.write()
    file.move(str(tmp_path / "two"))
    assert [path.name for path in tmp_path.iterdir()] == ["two"]
    file.move("")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_told_as_nginx_tells_it(tmp_path):
    path = tmp_path / "missing" / "pid"
    with pytest.raises(PidFileError, match=r'open\(\) ".*/pid" failed \(2: No such file'):
        PidFile(str(path)).write()


def test_without_a_path_there_is_none():
    file = PidFile("")
    file.write()
    file.step_aside()
    file.step_back()
    file.remove()
