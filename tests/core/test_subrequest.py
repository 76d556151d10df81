"""A location answers for another exchange, as nginx's subrequests do."""

import contextlib
import threading

import pytest

from forkproxy.core.subrequest import ask, clone, end, in_background, subrequest, under_way
from tests.support.client import Client, get, request
from tests.support.client import ask as ask_server
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.inside import proxying
from tests.support.origin import Origin, answers, echo, response

DOOR = """
    location = /outer { try_files /none @outer; }
    location @outer { proxy_pass http://%DOOR%; }
"""


@contextlib.contextmanager
def site(conf, script=echo, **given):
    """Serve, with an origin for what is asked inside, and one for the request outside."""
    door = answers(response(b"", b"Location: here", status=b"201 Created"))
    with (
        Origin(door) as entrance,
        proxying(script, DOOR + conf, DOOR=entrance.address, **given) as server,
    ):
        yield server


def within(server, run, octets=None):
    """Call run(exchange) in a client's exchange while it is answered; return what it returns."""
    found = []
    handler = server.generation.names[server.address].default.named[b"@outer"].content
    handler.redirects = lambda exchange, _fields: found.append(run(exchange))
    octets = octets or request(b"POST", b"/outer?a=b")
    assert ask_server(server.address, octets, octets.split(b" ")[0]).status == 201
    return found[0]


def asked(server, uri, args=None, octets=None, *, wanted=True):
    """Ask a location for a client's exchange; return (status, body)."""

    def run(exchange):
        inner = subrequest(exchange, uri, args)
        try:
            found = ask(inner)
            body = b"".join(iter(found.body.read, b"")) if found.body and wanted else b""
            return found.status, body
        finally:
            end(inner)

    return within(server, run, octets)


def test_it_has_its_own_uri_and_the_parents_head():
    shows = 'return 200 "$uri $args $request_method $request_uri $http_x";'
    with site(f"location /in {{ {shows} }}") as server:
        octets = request(b"POST", b"/outer?a=b", b"X: client")
        assert asked(server, b"/in/x", b"q=1", octets) == (200, b"/in/x q=1 POST /outer?a=b client")


def test_an_internal_location_is_there_for_it():
    with site("location /in { internal; return 200 secret; }") as server:
        assert asked(server, b"/in") == (200, b"secret")


def test_the_servers_rewrite_code_runs_for_it():
    conf = "rewrite ^/in$ /other; location /other { return 200 other; }"
    with site(conf) as server:
        assert asked(server, b"/in") == (200, b"other")


def test_nobody_is_asked_twice_who_may_come_in():
    conf = """
        location /in { auth_request /no; proxy_pass http://%ORIGIN%; }
        location /no { return 403; }
    """
    with site(conf, answers(response(b"let in"))) as server:
        assert get(server.address, b"/in").status == 403
        assert asked(server, b"/in") == (200, b"let in")


def test_filters_that_speak_to_the_client_leave_it_alone():
    with site("location /in { add_header X added; return 204; }") as server:

        def run(exchange):
            inner = subrequest(exchange, b"/in", None)
            added = ask(inner).fields.has(b"x")
            end(inner)
            return added

        assert get(server.address, b"/in").get(b"x") == b"added"
        assert not within(server, run)


def test_the_limit_of_a_body_that_it_does_not_have_is_not_its_own():
    conf = "location /in { client_max_body_size 1; return 200 ok; }"
    with site(conf) as server:
        octets = request(b"POST", b"/outer", body=b"long")
        assert asked(server, b"/in", octets=octets) == (200, b"ok")


def test_variables_are_shared_with_the_parent():
    with site("location /in { set $inner yes; return 204; }") as server:

        def run(exchange):
            inner = subrequest(exchange, b"/in", None)
            ask(inner)
            end(inner)
            return exchange.values

        assert b"yes" in within(server, run)


def test_it_has_the_request_id_of_its_parent():
    conf = """
        location /in { internal; proxy_set_header X-Id $request_id; proxy_pass http://%ORIGIN%; }
        location / { auth_request /in; proxy_set_header X-Id $request_id;
                     proxy_pass http://%ORIGIN%; }
    """
    with site(conf) as server:
        get(server.address)
        first, second = server.origin.requests
        assert first.get(b"x-id") == second.get(b"x-id")


def test_an_upstream_is_asked_with_get_and_without_a_body():
    with site("location /in { proxy_pass http://%ORIGIN%; }") as server:
        asked(server, b"/in", octets=request(b"POST", b"/outer", body=b"body"))
        assert server.origin.last.line == b"GET /in HTTP/1.1"
        assert server.origin.last.get(b"content-length") is None


def test_a_parent_may_lend_its_body():
    with site("location /in { proxy_pass http://%ORIGIN%; }") as server:

        def run(exchange):
            inner = subrequest(exchange, b"/in", None, with_body=True)
            inner.method = exchange.method
            ask(inner)
            end(inner)

        within(server, run, request(b"POST", b"/outer", body=b"body"))
        assert server.origin.last.line == b"POST /in HTTP/1.1"
        assert server.origin.last.body == b"body"


def test_a_client_that_asks_with_head_does_not_make_it_head():
    conf = "location /in { proxy_pass http://%ORIGIN%; }"
    with site(conf, answers(response(b"content"))) as server:
        octets = request(b"HEAD", b"/outer")
        assert asked(server, b"/in", octets=octets) == (200, b"content")


def test_an_unwanted_short_answer_keeps_the_connection_to_its_peer():
    rest = threading.Event()

    def in_pieces(peer):
        while True:
            peer.request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
            rest.wait(10)
            peer.send(b"body")

    with site("location /in { proxy_pass http://%ORIGIN%; }", in_pieces) as server:
        for _ in range(3):
            rest.clear()
            assert asked(server, b"/in", wanted=False) == (200, b"")
            rest.set()
            eventually(lambda: in_hub(under_way) == 0, what="the rest has been read")
        assert len(server.origin.peers) == 1


def test_an_unwanted_long_answer_is_not_read():
    conf = "location /in { proxy_pass http://%ORIGIN%; }"
    with site(conf, answers(response(bytes(1 << 20)))) as server:
        asked(server, b"/in", wanted=False)
        asked(server, b"/in", wanted=False)
        assert len(server.origin.peers) == 2


def test_it_is_logged_only_where_log_subrequest_says_so():
    conf = """
        location /quiet { access_log logs/access.log f; return 204; }
        location /in { access_log logs/access.log f; log_subrequest on; return 403; }
    """
    with site(conf, http='log_format f "$uri $status";') as server:
        asked(server, b"/quiet")
        asked(server, b"/in")
        assert server.lines(1) == [b"/in 403"]


def test_errors_name_it():
    with site("location /in { root /nowhere; }") as server:
        assert asked(server, b"/in/x")[0] == 404
        assert 'subrequest: "/in/x"' in server.errors()


def test_fifty_inside_of_one_another_are_enough():
    with site("location /in { return 204; }") as server:

        def run(exchange):
            found = []
            inner = exchange
            for _ in range(51):
                inner = subrequest(inner, b"/in", None)
                found.append(ask(inner).status)
                end(inner)
            return found

        assert within(server, run)[-2:] == [204, 500]
        assert "subrequests cycle" in server.errors()


def test_one_in_the_background_does_not_delay_and_outlives_its_client():
    go = threading.Event()

    def late(peer):
        peer.request()
        go.wait(10)
        peer.send(response(b"late"))

    with site("location /in { proxy_pass http://%ORIGIN%; }", late) as server:
        within(server, lambda exchange: in_background(subrequest(exchange, b"/in", None)))
        eventually(lambda: server.connections() == 0, what="the client has gone")
        server.origin.wait(1)
        assert in_hub(under_way) == 1
        assert not in_hub(server.acceptor.finished)
        go.set()
        eventually(lambda: in_hub(under_way) == 0, what="it has ended")


def test_one_in_the_background_has_a_stored_body_of_its_own():
    conf = """
        client_body_buffer_size 1k;
        location /in { proxy_pass http://%ORIGIN%; }
    """
    go = threading.Event()

    def late(peer):
        go.wait(10)
        peer.request()
        peer.send(response())

    def run(exchange):
        in_background(subrequest(exchange, b"/in", None, with_body=True))

    with site(conf, late) as server:
        within(server, run, request(b"POST", b"/outer", body=bytes(400_000)))
        eventually(lambda: server.connections() == 0, what="the client has gone")
        go.set()
        server.origin.wait(1)
        assert server.origin.last.body == bytes(400_000)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
def test_an_upstream_that_breaks_off_ends_one_in_the_background(answer):
    conf = "location /in { proxy_pass http://%ORIGIN%; }"
    with site(conf, answers(answer, close=True)) as server:
        within(server, lambda exchange: in_background(subrequest(exchange, b"/in", None)))
        eventually(lambda: in_hub(under_way) == 0, what="it has ended")
        assert "upstream prematurely closed" in server.errors()


def test_a_clone_answers_as_its_parent_does_from_the_content_phase_on():
    with site("", echo) as server:

        def run(exchange):
            exchange.location.content.redirects = None
            inner = clone(exchange)
            status = ask(inner).status
            end(inner)
            return inner.uri, inner.method, status

        assert within(server, run) == (b"/outer", b"POST", 201)


def test_a_client_that_goes_ends_what_was_asked_for_it():
    conf = """
        location / { auth_request /in; }
        location /in { proxy_pass http://%ORIGIN%; }
    """
    with site(conf, lambda peer: (peer.request(), peer.gone())) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            server.origin.wait(1)
            client.reset()
        eventually(server.origin.peers[0].closed, what="the upstream's connection is closed")
