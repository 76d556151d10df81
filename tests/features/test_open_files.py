"""open_file_cache: what was found under a path is taken as it was, for a while."""

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside


def serving(directives, location=""):
    return Inside(f"root files; {directives} {location}")


def replace(server, name, content):
    """Put another file in a file's place, as editors and deployments do."""
    server.write(f"files/{name}.new", content).rename(server.prefix / f"files/{name}")


def before_and_after(server, name=b"/a", times=1):
    """Return what is sent of a file that is asked for, replaced, and asked for again."""
    server.write("files/a", b"before")
    for _ in range(times):
        get(server.address, name)
    replace(server, "a", b"after that")
    return get(server.address, name).body


@pytest.mark.parametrize(
    ("directives", "body"),
    [
        ("", b"after that"),
        ("open_file_cache off;", b"after that"),
        ("open_file_cache max=10;", b"before"),
        ("open_file_cache max=10; open_file_cache_valid 0;", b"after that"),
        ("open_file_cache max=10 inactive=0;", b"after that"),
        ("open_file_cache max=10; open_file_cache_min_uses 2;", b"after that"),
    ],
)
def test_a_file_stays_what_it_was_while_it_is_kept(directives, body):
    with serving(directives) as server:
        assert before_and_after(server) == body


def test_a_file_is_kept_once_it_was_used_often_enough():
    with serving("open_file_cache max=10; open_file_cache_min_uses 2;") as server:
        assert before_and_after(server, times=2) == b"before"


def test_the_longest_unused_goes_when_there_are_too_many():
    with serving("open_file_cache max=2;") as server:
        for name in (b"/a", b"/b", b"/c"):
            server.write(f"files{name.decode()}", b"before")
        for name in (b"/a", b"/b", b"/a", b"/c"):
            assert get(server.address, name).body == b"before"
        for name in (b"/a", b"/b"):
            replace(server, name.decode()[1:], b"after")
        assert [get(server.address, name).body for name in (b"/a", b"/b")] == [b"before", b"after"]


def test_a_file_that_changes_in_place_has_another_length_date_and_tag():
    with serving("open_file_cache max=10; open_file_cache_valid 0;") as server:
        server.write("files/a", b"short")
        first = get(server.address, b"/a")
        server.write("files/a", b"longer than that")
        second = get(server.address, b"/a")
        assert (first.body, second.body) == (b"short", b"longer than that")
        assert first.get(b"etag") != second.get(b"etag")


@pytest.mark.parametrize(("errors", "status"), [("on", 404), ("off", 200)])
def test_errors_are_remembered_only_where_one_says_so(errors, status):
    with serving(f"open_file_cache max=10; open_file_cache_errors {errors};") as server:
        assert get(server.address, b"/a").status == 404
        server.write("files/a", b"there")
        assert get(server.address, b"/a").status == status


def test_an_error_is_forgotten_when_it_is_no_longer_valid():
    conf = "open_file_cache max=10; open_file_cache_errors on; open_file_cache_valid 0;"
    with serving(conf) as server:
        assert get(server.address, b"/a").status == 404
        server.write("files/a", b"there")
        assert get(server.address, b"/a").body == b"there"
        (server.prefix / "files/a").unlink()
        assert get(server.address, b"/a").status == 404


def test_folders_and_index_files_are_kept_too():
    with serving("open_file_cache max=10; open_file_cache_errors on;") as server:
        server.write("files/d/index.html", b"index")
        assert get(server.address, b"/d").status == 301
        assert get(server.address, b"/d/").body == b"index"
        (server.prefix / "files/d/index.html").unlink()
        assert get(server.address, b"/d/").body == b"index"


def test_try_files_asks_what_is_kept():
    with serving(
        "open_file_cache max=10; open_file_cache_errors on;", "try_files $uri /none =418;"
    ) as server:
        assert get(server.address, b"/a").status == 418
        server.write("files/a", b"there")
        assert get(server.address, b"/a").status == 418


def test_compressed_files_that_are_not_there_are_remembered():
    conf = "open_file_cache max=10; open_file_cache_errors on; gzip_static on;"
    with serving(conf) as server:
        server.write("files/a", b"plain")
        for _ in range(2):
            assert get(server.address, b"/a", b"Accept-Encoding: gzip").body == b"plain"
            server.write("files/a.gz", b"packed")


def test_one_file_has_the_type_of_the_name_it_was_asked_for_by():
    conf = "open_file_cache max=10; gzip_static on; types { text/html html; application/gzip gz; }"
    with serving(conf) as server:
        server.write("files/a.html.gz", b"packed")
        for _ in range(2):
            asked = get(server.address, b"/a.html", b"Accept-Encoding: gzip")
            assert asked.get(b"content-type") == b"text/html"
            direct = get(server.address, b"/a.html.gz")
            assert direct.get(b"content-type") == b"application/gzip"
            assert b"content-encoding" not in direct


def test_what_filters_add_to_one_answer_is_not_in_the_next():
    with serving("open_file_cache max=10; gzip_static on; gzip_vary on;") as server:
        server.write("files/a.gz", b"packed")
        for _ in range(2):
            answer = get(server.address, b"/a", b"Accept-Encoding: gzip")
            assert answer.all(b"content-encoding") == [b"gzip"]
            assert answer.all(b"vary") == [b"Accept-Encoding"]


def test_a_file_is_sent_to_its_end_although_another_has_taken_its_place():
    content = bytes(range(256)) * 32768
    with serving("open_file_cache max=1;") as server:
        server.write("files/large", content)
        server.write("files/b", b"b")
        with Client(server.address) as client:
            client.send(request(b"GET", b"/large"))
            assert get(server.address, b"/b").body == b"b"
            assert client.response().body == content


def test_a_file_that_was_cut_ends_the_connection():
    with serving("open_file_cache max=10;") as server:
        file = server.write("files/a", b"long " * 1000)
        assert len(get(server.address, b"/a").body) == 5000
        file.write_bytes(b"short")
        with Client(server.address) as client:
            client.send(request(b"GET", b"/a"))
            assert client.rest().endswith(b"\r\n\r\nshort")
        assert "the file became shorter while it was sent" in server.errors()


def test_levels_have_caches_of_their_own():
    inner = "location /in/ { alias %PREFIX%/files/; open_file_cache off; }"
    with serving("open_file_cache max=10;", inner) as server:
        assert before_and_after(server) == b"before"
        assert before_and_after(server, b"/in/a") == b"after that"
