import os
import pwd

import pytest

from forkproxy.cli.nginx_user import owner_instead

if os.geteuid() != 0:
    pytest.skip("only root starts workers as somebody else", allow_module_level=True)


@pytest.fixture
def folder(tmp_path):
    """A folder that everybody can enter, whatever the folders around it say."""
    made = tmp_path / "open"
    made.mkdir()
    made.chmod(0o755)
    return made


def opened(path):
    """Let everybody into a folder and those around it; return what puts it back."""
    before = [(one, one.stat().st_mode) for one in (path, *path.parents) if one.stat().st_uid == 0]
    for one, mode in before:
        one.chmod(mode | 0o111)
    return lambda: [one.chmod(mode) for one, mode in before]


def test_a_private_folder_makes_its_owner_the_user(folder):
    folder.chmod(0o700)
    assert owner_instead(str(folder)).user == "root"


def test_so_does_a_private_folder_around_it(folder):
    inner = folder / "inner"
    inner.mkdir(mode=0o755)
    folder.chmod(0o700)
    assert owner_instead(str(inner)).user == "root"


def test_the_owner_need_not_be_root(folder):
    folder.chmod(0o700)
    somebody = pwd.getpwnam("daemon")
    os.chown(folder, somebody.pw_uid, somebody.pw_gid)
    assert owner_instead(str(folder)).user == "daemon"


def test_an_open_folder_leaves_it_at_nobody(folder):
    put_back = opened(folder)
    try:
        assert owner_instead(str(folder)) is None
    finally:
        put_back()


def test_a_folder_that_is_not_there_changes_nothing(folder):
    assert owner_instead(str(folder / "none")) is None
