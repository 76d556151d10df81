"""Files: root, alias, index, media types, and what cannot be had."""

import os

import pytest

from tests.support.client import Client, ask, get, request
from tests.support.inside import Inside

CONF = """
    root files;
    default_type application/x-default;
    types { text/html html; text/plain txt; application/gzip gz; }
    location /alias/ { alias %PREFIX%/files/d/; }
    location /named { alias %PREFIX%/files/d/b.txt; }
    location ~ ^/re/(.*)$ { alias %PREFIX%/files/d/$1; }
    location /if/ { root none; if ($arg_x) { root %PREFIX%/files; } }
    location /many/ { index none $arg_i b.txt; }
    location /else/ { index none /page; }
    location = /page { return 200 page; }
    location /silent/ { log_not_found off; }
    location /names { return 200 "$document_root $request_filename $realpath_root"; }
"""


@pytest.fixture(scope="module")
def site():
    with Inside(CONF) as server:
        server.write("files/index.html", b"home")
        server.write("files/d/index.html", b"index of d")
        server.write("files/d/b.txt", b"file b")
        server.write("files/if/x", b"file of if")
        server.write("files/many/b.txt", b"many b")
        server.write("files/many/c", b"many c")
        server.write("files/large", bytes(range(256)) * 1024)
        server.write("files/empty")
        server.write("files/x.tar.gz", b"gz")
        server.write("files/X.TXT", b"upper")
        server.write("files/.html", b"hidden")
        server.write("files/no.", b"dot")
        (server.prefix / "files/bare").mkdir()
        (server.prefix / "files/else").mkdir()
        os.mkfifo(server.prefix / "files/fifo")
        yield server


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (b"/d/b.txt", b"file b"),
        (b"/d/../d/./b%2etxt", b"file b"),
        (b"/", b"home"),
        (b"/d/", b"index of d"),
        (b"/alias/b.txt", b"file b"),
        (b"/alias/", b"index of d"),
        (b"/named", b"file b"),
        (b"/re/b.txt", b"file b"),
        (b"/if/x?x=1", b"file of if"),
        (b"/many/", b"many b"),
        (b"/many/?i=c", b"many c"),
        (b"/else/", b"page"),
        (b"/empty", b""),
    ],
)
def test_a_file_is_found(site, target, body):
    answer = get(site.address, target)
    assert (answer.status, answer.body) == (200, body)


def test_a_large_file_comes_whole_and_the_connection_stays(site):
    with Client(site.address) as client:
        for _ in range(2):
            assert client.get(b"/large").body == bytes(range(256)) * 1024


def test_a_head_has_the_length_and_no_content(site):
    with Client(site.address) as client:
        answer = client.ask(request(b"HEAD", b"/large"), to=b"HEAD")
        assert answer.get(b"content-length") == b"262144"
        assert client.get(b"/d/b.txt").body == b"file b"


@pytest.mark.parametrize(
    ("target", "media"),
    [
        (b"/index.html", b"text/html"),
        (b"/d/b.txt", b"text/plain"),
        (b"/X.TXT", b"text/plain"),
        (b"/x.tar.gz", b"application/gzip"),
        (b"/large", b"application/x-default"),
        (b"/.html", b"application/x-default"),
        (b"/no.", b"application/x-default"),
    ],
)
def test_the_last_extension_is_the_type(site, target, media):
    assert get(site.address, target).get(b"content-type") == media


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/none", 404),
        (b"/d/b.txt/x", 404),
        (b"/" + b"x" * 300, 404),
        (b"/bare/", 403),
        (b"/none/", 404),
        (b"/fifo", 404),
        (b"/d/b.txt%00.html", 400),
        (b"/../../etc/passwd", 400),
    ],
)
def test_what_cannot_be_had(site, target, status):
    assert get(site.address, target).status == status


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE"])
def test_a_file_is_only_read(site, method):
    assert ask(site.address, request(method, b"/d/b.txt")).status == 405


@pytest.mark.parametrize(
    ("target", "where"),
    [(b"/d", b"/d/"), (b"/d?x=1", b"/d/?x=1"), (b"/alias/../d", b"/d/")],
)
def test_a_folder_without_its_slash_is_redirected_to(site, target, where):
    answer = get(site.address, target)
    assert answer.status == 301
    assert answer.get(b"location") == b"http://localhost:%d%s" % (site.port, where)


def test_the_log_says_what_was_missing_unless_it_shall_not(site):
    get(site.address, b"/quite-missing")
    get(site.address, b"/silent/not-there")
    get(site.address, b"/silent/not-there/")
    assert '/quite-missing" failed (2: No such file or directory)' in site.errors()
    assert "not-there" not in site.errors()


def test_the_names_of_files_are_variables(site):
    folder, file, real = get(site.address, b"/names").body.decode().split()
    assert folder == f"{site.prefix}/files"
    assert file == f"{site.prefix}/files/names"
    assert real == os.path.realpath(folder)


def test_by_default_files_are_in_html():
    with Inside("location / { }") as server:
        server.write("html/index.html", b"default")
        assert get(server.address).body == b"default"


def test_an_etag_may_be_left_out():
    with Inside("root files; etag off;") as server:
        server.write("files/x", b"x")
        assert b"etag" not in get(server.address, b"/x")
