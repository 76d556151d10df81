import os
import socket

import pytest

from forkproxy.master.door import ControlError, Door


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "control.sock")


def opens(path):
    """Tell whether somebody listens at a path."""
    with socket.socket(socket.AF_UNIX) as sock:
        return sock.connect_ex(path) == 0


def test_a_path_that_cannot_be_is_told(tmp_path):
    with pytest.raises(ControlError, match="No such file"):
        Door(str(tmp_path / "missing" / "sock"), 0o600, "")
    with pytest.raises(ControlError, match="too long"):
        Door(str(tmp_path / ("x" * 120)), 0o600, "")
    with pytest.raises(ControlError, match="no group"):
        Door(str(tmp_path / "other"), 0o600, "no such group")


def test_a_plain_file_in_its_place_stays(tmp_path):
    plain = tmp_path / "file"
    plain.write_text("mine")
    with pytest.raises(ControlError, match="another process serves"):
        Door(str(plain), 0o600, "")
    assert plain.read_text() == "mine"


def test_a_socket_that_nobody_serves_is_replaced(path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    door = Door(path, 0o640, "")
    assert opens(path)
    assert os.stat(path).st_mode & 0o777 == 0o640
    door.close()
    assert not os.path.exists(path)


def test_a_socket_that_another_put_in_our_place_stays_when_we_close(path):
    ours = Door(path, 0o600, "")
    theirs = Door(path, 0o600, "", replace=True)
    ours.close()
    assert opens(path)
    theirs.close()


def test_the_owner_comes_in(path):
    door = Door(path, 0o600, "")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        accepted, _ = door.sock.accept()
        with accepted:
            assert door.lets_in(accepted)
    door.close()
