"""gzip_static, brotli_static, zstd_static: a compressed file beside a file is sent in its place."""

import gzip

import pytest

from tests.support.client import ask, get, request
from tests.support.inside import Inside

GZIP = b"Accept-Encoding: gzip"
TEXT = b"text of the file"
PACKED = gzip.compress(TEXT)


def served(conf, target=b"/a.html", *sent, method=b"GET"):
    with Inside(f"root %PREFIX%; {conf}") as server:
        server.write("a.html", TEXT)
        server.write("a.html.gz", PACKED)
        server.write("plain.html", TEXT)
        server.write("only.html.gz", PACKED)
        server.write("index.html.gz", PACKED)
        (server.prefix / "folder.gz").mkdir()
        return ask(server.address, request(method, target, *sent), method)


def test_to_who_takes_gzip():
    answer = served("gzip_static on;", b"/a.html", GZIP)
    assert answer.body == PACKED
    assert answer.get(b"content-encoding") == b"gzip"
    assert answer.get(b"content-type") == b"text/html"
    assert answer.get(b"content-length") == b"%d" % len(PACKED)
    assert not answer.get(b"etag").startswith(b"W/")
    assert b"vary" not in answer


def test_to_others_the_file_itself():
    answer = served("gzip_static on;")
    assert (answer.body, b"content-encoding" in answer) == (TEXT, False)


def test_a_compressed_file_alone_is_enough():
    assert served("gzip_static on;", b"/only.html", GZIP).body == PACKED
    assert served("gzip_static on;", b"/only.html").status == 404


def test_without_a_compressed_file_the_file_itself():
    assert served("gzip_static on;", b"/plain.html", GZIP).body == TEXT
    assert served("gzip_static on;", b"/folder", GZIP).status == 404


def test_it_is_not_compressed_again():
    answer = served("gzip_static on; gzip on; gzip_min_length 0;", b"/a.html", GZIP)
    assert (answer.body, answer.all(b"content-encoding")) == (PACKED, [b"gzip"])


def test_always_is_for_all():
    assert served("gzip_static always;").body == PACKED
    assert served("gzip_static always; gunzip on;").body == TEXT
    assert served("gzip_static always; gunzip on;", b"/a.html", GZIP).body == PACKED


@pytest.mark.parametrize("sent", [(), (GZIP,)])
def test_vary_is_said_where_there_is_a_choice(sent):
    conf = "gzip_static on; gzip_vary on;"
    assert served(conf, b"/a.html", *sent).get(b"vary") == b"Accept-Encoding"
    assert b"vary" not in served(conf, b"/plain.html", *sent)


def test_ranges_are_of_the_compressed_file():
    answer = served("gzip_static on;", b"/a.html", GZIP, b"Range: bytes=0-1")
    assert (answer.status, answer.body) == (206, PACKED[:2])


def test_head():
    answer = served("gzip_static on;", b"/a.html", GZIP, method=b"HEAD")
    assert answer.get(b"content-length") == b"%d" % len(PACKED)


def test_other_methods_and_folders_are_not_for_it():
    assert served("gzip_static on;", b"/a.html", GZIP, method=b"POST").status == 405
    assert served("gzip_static on;", b"/%00", GZIP).status in (400, 404)


def test_a_file_behind_another_handler_is_not_looked_for():
    with Inside("root %PREFIX%; gzip_static on; return 200 said;") as server:
        server.write("a.html.gz", PACKED)
        assert get(server.address, b"/a.html", GZIP).body == b"said"


def test_the_coding_that_the_client_likes_best_then_the_smallest():
    conf = "root %PREFIX%; gzip_static on; brotli_static on; zstd_static on;"
    with Inside(conf) as server:
        for suffix in ("", ".gz", ".br", ".zst"):
            server.write(f"a.html{suffix}", suffix.encode())
        server.write("b.html.gz", b".gz")
        for wanted, suffix in (
            (b"gzip, br, zstd", b".br"),
            (b"gzip, br;q=0.5", b".gz"),
            (b"zstd", b".zst"),
            (b"deflate", b""),
        ):
            assert get(server.address, b"/a.html", b"Accept-Encoding: " + wanted).body == suffix
        assert get(server.address, b"/b.html", b"Accept-Encoding: br, gzip").body == b".gz"
