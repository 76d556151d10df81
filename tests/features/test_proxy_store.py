"""proxy_store: what an upstream answers becomes a file."""

import os

import pytest

from tests.support.applications import fastcgi
from tests.support.client import Client, ask, get, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import answers, chunked, response

CONF = "root %PREFIX%/files; location / { proxy_pass http://%ORIGIN%; proxy_store {}; {} }"
DATED = b"Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT"


def storing(answer, where="on", more=""):
    return proxying(
        answers(answer, close=True), CONF.replace("{}", where, 1).replace("{}", more, 1)
    )


def stored(server, name="files/a/b"):
    path = server.prefix / name
    return path.read_bytes() if path.exists() else None


def left_over(server):
    return list((server.prefix / "proxy_temp").iterdir())


def test_what_an_application_answers_becomes_a_file_too():
    conf = "root %PREFIX%/files; location / { fastcgi_pass %ORIGIN%; fastcgi_store on; }"
    with proxying(fastcgi(), conf) as server:
        assert get(server.address, b"/a/b").body == b"hello"
        eventually(lambda: stored(server) == b"hello")


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (response(b"body"), b"body"),
        (response(b""), b""),
        (response(b"x" * 300_000), b"x" * 300_000),
        (chunked([b"one", b"two"]), b"onetwo"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", b"to the end"),
    ],
)
def test_a_whole_answer_is_kept(answer, body):
    with storing(answer) as server:
        assert get(server.address, b"/a/b").body == body
        assert stored(server) == body
        assert left_over(server) == []


def test_the_file_has_the_answers_date_and_the_rights_that_were_said():
    more = "proxy_store_access user:rw group:r all:r;"
    with storing(response(b"body", DATED), more=more) as server:
        get(server.address, b"/a/b")
        found = (server.prefix / "files/a/b").stat()
        assert (found.st_mtime, found.st_mode & 0o777) == (784903526, 0o644)
        assert (server.prefix / "files/a").stat().st_mode & 0o777 == 0o755


def test_a_path_may_have_variables():
    with storing(response(b"body"), where="%PREFIX%/kept$arg_a") as server:
        get(server.address, b"/?a=/x")
        assert stored(server, "kept/x") == b"body"


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        (response(b"body", status=b"404 Not Found"), request(b"GET", b"/a/b")),
        (response(b"body"), request(b"POST", b"/a/b", b"Content-Length: 0")),
        (response(b"body"), request(b"GET", b"/a/b/")),
    ],
)
def test_what_is_not_kept(answer, asked):
    with storing(answer) as server:
        ask(server.address, asked)
        assert stored(server) is None
        assert left_over(server) == []


def test_no_path_leads_out_of_where_it_should():
    with storing(response(b"body"), where="%PREFIX%/kept/$arg_a") as server:
        assert get(server.address, b"/?a=../out").body == b"body"
        assert stored(server, "out") is None


def test_nothing_of_an_answer_that_ends_too_early_is_kept():
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin"
    with storing(cut) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/a/b"))
        client.rest()
        eventually(lambda: left_over(server) == [])
        assert stored(server) is None


def test_what_cannot_be_written_is_sent_all_the_same():
    with storing(response(b"body")) as server:
        (server.prefix / "files").mkdir()
        (server.prefix / "files/a").write_bytes(b"a file, no folder")
        assert get(server.address, b"/a/b").body == b"body"
        assert "is not stored" in server.errors()
        assert left_over(server) == []


def test_the_nearer_of_store_and_cache_counts():
    conf = """
        proxy_store on; root %PREFIX%/files;
        location / { proxy_cache z; proxy_pass http://%ORIGIN%; }
    """
    http = "proxy_cache_path %PREFIX%/cache keys_zone=z:1m;"
    with proxying(answers(response(b"body")), conf, http=http) as server:
        get(server.address, b"/a/b")
        assert not os.path.exists(server.prefix / "files")
