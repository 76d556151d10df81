"""random_index: any file of a folder answers for the folder."""

import pytest

from forkproxy.features.random_index import any_file
from tests.support.client import get
from tests.support.inside import Inside


def test_files_are_chosen_and_nothing_else(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").touch()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert any_file(bytes(tmp_path)) is None
    for name in "abc":
        (tmp_path / name).touch()
    assert {any_file(bytes(tmp_path)) for _ in range(200)} == {b"a", b"b", b"c"}
    with pytest.raises(OSError, match="No such file"):
        any_file(bytes(tmp_path / "none"))


def test_it_goes_before_an_index_file_and_not_before_nothing():
    conf = "root %PREFIX%/files; location / { random_index on; autoindex on; }"
    with Inside(conf) as server:
        server.write("files/some/one", b"found")
        server.write("files/empty/.hidden", b"")
        assert get(server.address, b"/some/").body == b"found"
        assert b"Index of /empty/" in get(server.address, b"/empty/").body
        assert get(server.address, b"/none/").status == 404
