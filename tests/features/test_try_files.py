"""try_files: the first of several files that is there, else another URI, location or status."""

import contextlib

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside

FILES = {
    "files/a": b"file a",
    "files/d/index.html": b"index of d",
    "files/d/b": b"file b",
    "files/e/b": b"file b of e",
}


@contextlib.contextmanager
def site(conf):
    with Inside("root files; default_type text/plain; " + conf) as server:
        for name, content in FILES.items():
            server.write(name, content)
        yield server


@pytest.mark.parametrize(
    ("conf", "target", "body"),
    [
        ("location / { try_files $uri /none; }", b"/a", b"file a"),
        ("location / { try_files /none $uri =404; }", b"/a", b"file a"),
        ("location / { try_files $uri.none /a =404; }", b"/x", b"file a"),
        ("location / { try_files $uri $uri/ =404; }", b"/d/", b"index of d"),
        ("location / { try_files /none /d/b; } location /d/ { }", b"/x", b"file b"),
        (
            "location / { try_files /none /y?q=1; } location = /y { return 200 $args; }",
            b"/x?z",
            b"q=1",
        ),
        (
            "location / { try_files /n /y?$args; } location = /y { return 200 $args; }",
            b"/x?z",
            b"z",
        ),
        ("location / { try_files /none @n; } location @n { return 200 n$uri; }", b"/x", b"n/x"),
        ("location /al/ { alias %PREFIX%/files/d/; try_files $uri =404; }", b"/al/b", b"file b"),
        (
            "location /al/ { alias %PREFIX%/files/d/; try_files $uri /b =404; }",
            b"/al/x",
            b"file b",
        ),
        (
            "location /al/ { alias %PREFIX%/files/d/; try_files $uri / =404; }",
            b"/al/x",
            b"index of d",
        ),
        (
            "set $q b; location /al/ { alias %PREFIX%/files/d/; try_files $uri /$q =404; }",
            b"/al/x",
            b"file b",
        ),
        (
            "location ~ ^/al/(.*)$ { alias %PREFIX%/files/$1; try_files $uri '' / =404; }",
            b"/al/d/",
            b"index of d",
        ),
        ("location ~ ^/b$ { alias %PREFIX%/files/d; try_files $uri =404; }", b"/b", b"file b"),
        (
            "location /al/ { alias %PREFIX%/files/d/; location ~ b { try_files $uri =404; } }",
            b"/al/b",
            b"file b",
        ),
    ],
)
def test_the_first_that_is_there_answers(conf, target, body):
    with site(conf) as server:
        assert get(server.address, target).body == body


def test_a_folder_is_no_file():
    with site("location / { try_files $uri @n; } location @n { return 200 named; }") as server:
        assert get(server.address, b"/d").body == b"named"


def test_a_file_is_no_folder():
    with site("location / { try_files $uri/ @n; } location @n { return 200 named; }") as server:
        assert get(server.address, b"/a").body == b"named"


def test_a_folder_without_its_slash_is_redirected_to():
    with site("location / { try_files $uri $uri/ =404; }") as server:
        response = get(server.address, b"/d")
    assert response.status == 301
    assert response.get(b"location").endswith(b"/d/")


@pytest.mark.parametrize("status", [403, 404, 503])
def test_the_last_resort_may_be_a_status(status):
    with site(f"location / {{ try_files $uri ={status}; }}") as server:
        assert get(server.address, b"/x").status == status


def test_the_last_resort_may_be_to_say_nothing():
    with site("location / { try_files $uri =444; }") as server, Client(server.address) as client:
        client.send(request(b"GET", b"/x"))
        assert client.rest() == b""


def test_a_status_has_its_error_page():
    conf = "location / { error_page 404 =200 /a; try_files $uri =404; }"
    with site(conf) as server:
        assert get(server.address, b"/x").body == b"file a"


def test_a_name_with_a_zero_octet_in_it_is_not_there():
    with site("location ~ ^/(.*)$ { try_files /$1$arg_x =404; }") as server:
        assert get(server.address, b"/x").status == 404


def test_an_if_in_the_location_does_not_try():
    conf = "location / { try_files /a =404; if ($arg_x) { set $y 1; } }"
    with site(conf) as server:
        assert get(server.address, b"/none").body == b"file a"
        assert get(server.address, b"/none?x=1").status == 404


def test_what_was_tried_is_the_path_that_a_proxy_asks_for():
    conf = "location / { try_files $uri @app; } location @app { return 200 $request_uri; }"
    with site(conf) as server:
        assert get(server.address, b"/x/../y?z").body == b"/x/../y?z"
