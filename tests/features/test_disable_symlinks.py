"""disable_symlinks: paths of files that lead over symbolic links."""

import os

import pytest

from tests.support.client import get
from tests.support.inside import Inside

IN = "root %PREFIX%/files; location / {{ disable_symlinks {}; {} }}"


@pytest.fixture
def status():
    """Return a function that asks for a path, with links about, and returns the status."""

    def ask(mode, target, more=""):
        with Inside(IN.format(mode, more)) as server:
            server.write("files/folder/file", b"file")
            server.write("files/folder/file.gz", b"file")
            files = server.prefix / "files"
            (files / "folder" / "link").symlink_to("file")
            (files / "linked").symlink_to("folder")
            (files / "theirs").symlink_to("/etc/hostname")
            if os.geteuid() == 0:
                os.lchown(files / "theirs", 1234, 1234)
            (files / "gone").symlink_to("none")
            return get(server.address, target, b"Accept-Encoding: gzip").status

    return ask


@pytest.mark.parametrize(
    ("mode", "target", "expected"),
    [
        ("off", b"/folder/link", 200),
        ("on", b"/folder/file", 200),
        ("on", b"/folder/link", 403),
        ("on", b"/linked/file", 403),
        ("on", b"/none/file", 404),
        ("on", b"/folder", 301),
        ("on", b"/linked", 403),
        ("on", b"/folder/../folder/file", 200),
        ("on", b"/gone", 403),
        ("if_not_owner", b"/folder/link", 200),
        ("if_not_owner", b"/linked/file", 200),
        ("if_not_owner", b"/gone", 404),
        ("on from=%PREFIX%/files/linked", b"/linked/file", 200),
        ("on from=%PREFIX%/files/linked", b"/linked/link", 403),
        ("on from=%PREFIX%/files/link", b"/linked/file", 403),
        ("on from=$request_filename", b"/folder/link", 200),
    ],
)
def test_a_path(status, mode, target, expected):
    assert status(mode, target) == expected


@pytest.mark.skipif(os.geteuid() != 0, reason="a link of somebody else is made by root")
def test_a_link_of_somebody_else_is_not_followed(status):
    assert status("if_not_owner", b"/theirs") == 403


@pytest.mark.parametrize(
    ("more", "target", "expected"),
    [
        ("try_files $uri =418;", b"/folder/link", 418),
        ("try_files $uri =418;", b"/folder/file", 200),
        ("gzip_static on;", b"/folder/link", 403),
        ("gzip_static on;", b"/folder/file", 200),
        ("if (-f $request_filename) { return 204; }", b"/folder/link", 403),
        ("if (-f $request_filename) { return 204; }", b"/folder/file", 204),
        ("if (-d $request_filename) { return 204; }", b"/folder", 204),
        ("index link;", b"/folder/", 403),
        ("index none; autoindex on;", b"/folder/", 200),
        ("open_file_cache max=9;", b"/folder/link", 403),
    ],
)
def test_whoever_looks_for_files_obeys(status, more, target, expected):
    assert status("on", target, more) == expected
