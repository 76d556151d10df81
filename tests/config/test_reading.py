"""Where the text of a configuration's files comes from."""

import pytest

from forkproxy.config.load import load
from forkproxy.config.problems import ConfigErrors
from forkproxy.config.reading import Disk, Kept


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "nginx.conf").write_text("events {} http { include conf.d/*.conf; }")
    (tmp_path / "conf.d" / "a.conf").write_text("server { listen 81; }")
    (tmp_path / "conf.d" / "b.conf").write_bytes(b"server { listen 82; } # \xe4")
    return tmp_path


def test_what_was_read_can_be_read_again_when_the_files_are_gone(folder):
    path = str(folder / "nginx.conf")
    first = load(path)
    for name in ("nginx.conf", "conf.d/a.conf", "conf.d/b.conf"):
        (folder / name).unlink()
    again = load(path, sources=Kept(first.texts()))
    assert again.texts() == first.texts()
    assert again.files == first.files
    assert len(again.http.blocks("server")) == 2


def test_a_file_that_came_later_is_not_there(folder):
    path = str(folder / "nginx.conf")
    kept = Kept(load(path).texts())
    (folder / "conf.d" / "c.conf").write_text("server { listen 83; }")
    assert len(load(path, sources=kept).http.blocks("server")) == 2
    with pytest.raises(ConfigErrors, match="No such file"):
        load(str(folder / "conf.d" / "c.conf"), sources=kept)


def test_a_mark_goes_over_no_slash_either_way(folder):
    kept = Kept(dict.fromkeys(("/a/b.conf", "/a/c/d.conf", "/a/e.txt"), ""))
    assert kept.matching("/a/*.conf") == ["/a/b.conf"]
    assert Disk().matching(f"{folder}/*.conf") == [f"{folder}/nginx.conf"]
