"""Variables of the answer, as add_header and the log see them."""

from tests.support.client import Client, request
from tests.support.inside import Inside


def added(text, conf="return 200 hello;", *fields):
    location = f'location / {{ add_header X "{text}" always; {conf} }}'
    with Inside(location) as server, Client(server.address) as client:
        return client.get(b"/", *fields).get(b"x")


def test_the_status_of_the_answer():
    assert added("$status", "return 418;") == b"418"


def test_the_fields_of_the_answer():
    assert added("$sent_http_content_type $sent_http_content_length") == b"text/plain 5"


def test_whether_the_connection_stays():
    assert added("$sent_http_connection") == b"keep-alive"
    assert added("$sent_http_connection", "return 200;", b"Connection: close") == b"close"
    assert added("$sent_http_keep_alive", "keepalive_timeout 5 7; return 200;") == b"timeout=7"


def test_what_was_sent_is_counted_for_the_log():
    conf = (
        "log_format f '$status $body_bytes_sent $bytes_sent $sent_trailer_a "
        "$sent_http_transfer_encoding';"
    )
    location = "location / { access_log logs/a.log f; add_trailer A b; return 200 hello; }"
    with Inside(location, http=conf) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/", b"Connection: close"))
        sent = client.rest()
        assert server.lines(1, "a.log") == [b"200 5 %d b chunked" % len(sent)]
