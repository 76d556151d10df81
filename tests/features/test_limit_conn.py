"""limit_conn: how many requests of a key are under way at once."""

import contextlib
import threading

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import response

ZONES = """
    limit_conn_zone $arg_k zone=c:32k;
    limit_conn_zone $server_name zone=s:32k;
    log_format f "$uri $limit_conn_status";
"""


@contextlib.contextmanager
def site(conf):
    """Serve; what is asked of the upstream is answered once `server.go` is set."""
    go = threading.Event()

    def waits(peer):
        while True:
            peer.request()
            go.wait(10)
            peer.send(response(b"late"))

    conf = f"""
        access_log logs/access.log f; root %PREFIX%; {conf}
        location /slow {{ proxy_pass http://%ORIGIN%; }}
    """
    with proxying(waits, conf, http=ZONES) as server:
        server.write("file", b"file")
        server.go = go
        yield server


@contextlib.contextmanager
def one_under_way(server, target=b"/slow?k=1"):
    """Have one request wait for its answer meanwhile."""
    with Client(server.address) as client:
        client.send(request(b"GET", target))
        server.origin.wait(1)
        yield client


def test_what_is_too_many_is_refused():
    with site("limit_conn c 1;") as server, one_under_way(server):
        assert get(server.address, b"/file?k=1").status == 503
        assert get(server.address, b"/file?k=2").status == 200
        assert 'limiting connections by zone "c"' in server.errors()
        assert server.lines(2) == [b"/file REJECTED", b"/file PASSED"]


def test_the_end_of_a_request_makes_room():
    with site("limit_conn c 1;") as server:
        with one_under_way(server) as client:
            server.go.set()
            assert client.final().body == b"late"
            assert client.get(b"/file?k=1").status == 200
        assert get(server.address, b"/file?k=1").status == 200


def test_a_client_that_leaves_makes_room():
    with site("limit_conn c 1;") as server:
        with one_under_way(server) as client:
            client.reset()
        eventually(lambda: get(server.address, b"/file?k=1").status == 200, what="there is room")


def test_an_idle_connection_counts_for_nothing():
    with site("limit_conn c 1;") as server, Client(server.address) as client:
        assert client.get(b"/file?k=1").status == 200
        assert get(server.address, b"/file?k=1").status == 200


def test_several_limits_all_hold_and_a_refusal_holds_nothing():
    with site("limit_conn s 2; limit_conn c 1;") as server, one_under_way(server):
        for _ in range(3):
            assert get(server.address, b"/file?k=1").status == 503
        assert get(server.address, b"/file?k=2").status == 200


def test_the_status_may_be_chosen():
    conf = "limit_conn c 1; limit_conn_status 429; limit_conn_log_level info;"
    with site(conf) as server, one_under_way(server):
        assert get(server.address, b"/file?k=1").status == 429
        assert "[error]" not in server.errors()


def test_a_dry_run_lets_through():
    with site("limit_conn c 1; limit_conn_dry_run on;") as server, one_under_way(server):
        assert get(server.address, b"/file?k=1").status == 200
        assert 'limiting connections, dry run, by zone "c"' in server.errors()
        assert server.lines() == [b"/file REJECTED_DRY_RUN"]


def test_no_key_is_no_limit():
    with site("limit_conn c 1;") as server, one_under_way(server):
        assert get(server.address, b"/file").status == 200


def test_a_key_that_is_too_long_is_no_limit_and_said():
    with site("limit_conn c 1;") as server:
        assert get(server.address, b"/file?k=" + b"x" * 300).status == 200
        assert "is more than 255 bytes" in server.errors()
