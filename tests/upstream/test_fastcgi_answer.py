"""The records of a FastCGI application, and what becomes of its connection and its errors."""

import pytest

from tests.support.applications import END, STDERR, STDOUT, fastcgi, output, read_records, record
from tests.support.client import Client, get
from tests.support.inside import proxying
from tests.support.origin import Origin

HEAD = b"Content-Type: text/plain\r\n\r\n"
LOCATION = "location / { fastcgi_pass %ORIGIN%; %s }"
KEPT = "upstream app { server %ORIGIN%; keepalive 1; }"


def serving(octets, conf=""):
    return proxying(fastcgi(lambda _: octets), LOCATION.replace("%s", conf))


def test_records_may_be_padded_and_of_any_length():
    octets = b"".join(record(STDOUT, bytes([octet]), 7) for octet in HEAD + b"body") + END
    with serving(octets) as server:
        assert get(server.address).body == b"body"


def test_records_may_come_in_any_pieces():
    def script(peer):
        peer.reader.exactly(16)
        for octet in output(HEAD + b"body") + END:
            peer.send(bytes([octet]))

    with proxying(script, LOCATION.replace("%s", "")) as server:
        assert get(server.address).body == b"body"


def test_a_long_answer_arrives_whole():
    body = bytes(range(256)) * 2000
    with serving(HEAD + body) as server:
        assert get(server.address).body == body


def test_what_is_on_the_error_stream_is_logged():
    octets = output(b"PHP Warning: oops\n", STDERR) + output(HEAD + b"body") + END
    with serving(octets) as server:
        assert get(server.address).body == b"body"
        assert "[error]" in server.errors()
        assert 'FastCGI sent in stderr: "PHP Warning: oops"' in server.errors()


def test_a_text_there_may_make_it_a_failure():
    octets = output(b"PHP Fatal error", STDERR) + output(HEAD + b"body") + END
    with serving(octets, "fastcgi_catch_stderr 'PHP Fatal';") as server:
        assert get(server.address).status == 502


def test_such_a_failure_is_tried_elsewhere_where_that_is_wanted():
    bad = output(b"PHP Fatal error", STDERR) + output(HEAD + b"bad") + END
    conf = """location / {
        fastcgi_pass app; fastcgi_catch_stderr 'PHP Fatal'; fastcgi_next_upstream invalid_header;
    }"""
    with (
        Origin(fastcgi(lambda _: bad)) as first,
        proxying(
            fastcgi(), conf, http=f"upstream app {{ server {first.address}; server %ORIGIN%; }}"
        ) as server,
    ):
        assert get(server.address).body == b"hello"


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (END, "upstream prematurely closed FastCGI stdout"),
        (output(b"half a he") + END, "upstream prematurely closed FastCGI stdout"),
        (b"\1\x09\0\1\0\0\0\0", "upstream sent invalid FastCGI record type: 9"),
        (b"\1\6\0\2\0\0\0\0", "upstream sent unexpected FastCGI request id: 2"),
        (output(HEAD)[:-1], "upstream prematurely closed connection"),
    ],
)
def test_what_is_no_answer_is_a_502_with_a_reason(octets, reason):
    with serving(octets) as server:
        assert get(server.address).status == 502
        assert reason in server.errors()


def test_an_answer_without_its_last_record_is_incomplete():
    with serving(output(HEAD + b"body")) as server, Client(server.address) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert not client.rest().endswith(b"0\r\n\r\n")
        assert "upstream prematurely closed connection" in server.errors()


def test_less_than_its_length_says_is_incomplete():
    octets = b"Content-Length: 9\r\n\r\nbody"
    with serving(octets) as server, Client(server.address) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.rest().endswith(b"body")


@pytest.mark.parametrize("length", [b"", b"Content-Length: 4\r\n"])
def test_a_connection_is_kept_after_its_last_record(length):
    octets = output(length + HEAD + b"body") + END
    location = "location / { fastcgi_pass app; fastcgi_keep_conn on; }"
    with proxying(fastcgi(lambda _: octets), location, http=KEPT) as server:
        assert [get(server.address).body for _ in range(2)] == [b"body", b"body"]
        assert [asked.connection for asked in server.origin.requests] == [0, 0]


def test_a_connection_with_more_to_come_is_not():
    octets = output(b"Content-Length: 4\r\n\r\nbody and more") + END
    location = "location / { fastcgi_pass app; fastcgi_keep_conn on; }"
    with proxying(fastcgi(lambda _: octets), location, http=KEPT) as server:
        assert [get(server.address).body for _ in range(2)] == [b"body", b"body"]
        assert [asked.connection for asked in server.origin.requests] == [0, 1]


def test_an_application_that_closes_all_the_same_is_asked_anew():
    def once(peer):
        read_records(peer)
        peer.send(output(HEAD + b"body") + END)

    location = "location / { fastcgi_pass app; fastcgi_keep_conn on; }"
    with proxying(once, location, http=KEPT) as server:
        assert [get(server.address).body for _ in range(2)] == [b"body", b"body"]
