"""An answer as frames: its fields, its content, its trailers."""

import pytest

from tests.support.http2 import Client2
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, chunked, response


def ask(text, path="/", **given):
    with Inside("http2 on;" + text) as inside, Client2(inside.address) as client:
        return client.get(path, **given)


def test_fields_are_in_small_letters_and_say_the_length():
    answer = ask("add_header X-A b; return 200 ok;")
    assert answer.get(b"x-a") == b"b"
    assert answer.get(b"content-length") == b"2"
    assert answer.get(b"server").startswith(b"forkproxy")
    assert answer.get(b"date") is not None


@pytest.mark.parametrize(
    ("text", "given"),
    [("return 200 ok;", {"method": "HEAD"}), ("return 204;", {}), ("return 304;", {})],
)
def test_what_has_no_content_is_one_frame(text, given):
    answer = ask(text, **given)
    assert answer.ended
    assert answer.body == b""


def test_fields_of_http1_go_no_further():
    fields = [b"Connection: close, x-hop", b"X-Hop: 1", b"Keep-Alive: 1", b"X-Kept: 1"]
    origin = answers(response(b"ok", *fields))
    text = "http2 on; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(origin, text) as inside, Client2(inside.address) as client:
        answer = client.get()
    names = [name for name, _ in answer.fields]
    assert b"x-kept" in names
    assert not {b"connection", b"keep-alive", b"x-hop", b"transfer-encoding"} & set(names)


def test_content_of_no_known_length_ends_with_the_stream():
    origin = answers(chunked([b"one", b"two" * 30000]))
    text = "http2 on; location / { proxy_pass http://%ORIGIN%; }"
    with proxying(origin, text) as inside, Client2(inside.address) as client:
        answer = client.get()
    assert answer.body == b"one" + b"two" * 30000
    assert answer.get(b"content-length") is None


def test_trailers_end_the_stream():
    answer = ask("add_trailer X-T $server_protocol; return 200 ok;")
    assert answer.body == b"ok"
    assert answer.trailers == [(b"x-t", b"HTTP/2.0")]


def test_a_client_that_is_slow_gets_all_of_it():
    with Inside("http2 on; location /f { alias %PREFIX%/f; }") as inside:
        inside.write("f", bytes(range(256)) * 4000)
        with Client2(inside.address, window=1000) as client:
            assert client.get("/f").body == bytes(range(256)) * 4000
