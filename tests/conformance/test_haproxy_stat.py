"""`show stat` and `show info` beside the real HAProxy, after the same requests."""

import contextlib
import shutil
import subprocess

import pytest

from tests.support.api import line
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, response
from tests.support.proxy import Proxy, serving
from tests.support.sockets import connect, free_port
from tests.support.stat import table

pytestmark = pytest.mark.skipif(not shutil.which("haproxy"), reason="haproxy is not installed")

REQUESTS = 6
HAPROXY = """
global
    stats socket {socket} level admin
defaults
    mode http
    timeout connect 5s
    timeout client 50s
    timeout server 50s
frontend site
    bind {address}
    default_backend app
backend app
    server one {one} maxconn 50
"""
# What docs/control.md says that we do not count, or have not got.
UNCOUNTED = {
    *("dreq", "dresp", "ereq", "cli_abrt", "srv_abrt", "last_chk", "intercepted", "dses"),
    *("comp_in", "comp_out", "comp_byp", "comp_rsp", "wrew", "eint", "need_conn_est"),
    *("agg_server_status", "agg_server_check_status", "agg_check_status"),
}
OF_SERVERS = {"ssl_sess", "ssl_reused_sess", "ssl_failed_handshake"}
OF_EVERYTHING = {"conn_rate", "conn_rate_max", "conn_tot", "dcon", "cache_lookups", "cache_hits"}
OF_BACKENDS = {"slim", "chkdown", "lastchg", "downtime", "cache_lookups", "cache_hits"}
NEEDS_CHECKS = {"chkfail", "chkdown", "downtime"}  # there, empty without checks
SAME = "stot lbtot req_tot hrsp_2xx hrsp_5xx smax econ wretr wredis status weight act bck mode algo"


@contextlib.contextmanager
def running(folder, one):
    address, socket = f"127.0.0.1:{free_port()}", folder / "haproxy.sock"
    conf = folder / "haproxy.cfg"
    conf.write_text(HAPROXY.format(socket=socket, address=address, one=one))
    with subprocess.Popen(["haproxy", "-f", str(conf)], stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: socket.exists() and not connect(address).close())
            yield address, str(socket)
        finally:
            process.kill()


def asked(socket, said):
    return line(f"unix:{socket}", said)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("haproxy")
    conf = "control_socket unix:%PREFIX%/control.sock;" + serving(
        "status_zone site;",
        "location / { proxy_pass http://app; }",
        http="upstream app { zone app 64k; server %ONE% max_conns=50; }",
    )
    with (
        Origin(answers(response(b"ok"), close=False)) as one,
        running(folder, one.address) as (address, theirs),
        Proxy(conf, ONE=one.address) as proxy,
    ):
        ours = str(proxy.prefix / "control.sock")
        for _ in range(REQUESTS):
            assert get(address, b"/").body == get(proxy.address, b"/").body == b"ok"
        for socket in (ours, theirs):
            eventually(lambda socket=socket: rows(socket)["BACKEND"]["hrsp_2xx"] == str(REQUESTS))
        yield ours, theirs


def rows(socket):
    """Return the rows of the frontend, the server and the backend, by what they are."""
    found = [row for row in table(asked(socket, "show stat")) if row["pxname"] in ("site", "app")]
    return {("FRONTEND", "BACKEND", "SERVER")[int(row["type"])]: row for row in found}


def test_the_columns_are_the_same(both):
    ours, theirs = (asked(socket, "show stat").splitlines()[0] for socket in both)
    assert ours == theirs


@pytest.mark.parametrize("kind", ["FRONTEND", "SERVER", "BACKEND"])
def test_what_has_a_value_there_has_one_here_or_a_reason(both, kind):
    ours, theirs = (rows(socket)[kind] for socket in both)
    missing = {name for name in ours if name and theirs[name] and not ours[name]}
    reasons = UNCOUNTED | {name for name in ours if name.startswith(("h1_", "h2_"))}
    reasons |= {"FRONTEND": OF_EVERYTHING | {"slim"}, "SERVER": OF_SERVERS}.get(
        kind, OF_SERVERS | OF_BACKENDS
    )
    assert missing <= reasons
    assert not {name for name in ours if name and ours[name] and not theirs[name]} - NEEDS_CHECKS


@pytest.mark.parametrize("kind", ["SERVER", "BACKEND"])
def test_the_same_requests_are_counted_alike(both, kind):
    ours, theirs = (rows(socket)[kind] for socket in both)
    differing = {name for name in SAME.split() if ours[name] != theirs[name]}
    assert not differing - {"status"}
    assert ours["status"] == "UP"  # there "no check"


def test_typed_values_have_the_same_places_and_tags(both):
    def tags(socket):
        found = {}
        for text in asked(socket, "show stat typed").splitlines():
            if not text:
                continue
            place, _, rest = text.partition(":")
            letters, kind, _ = rest.split(":", 2)
            place = place.split(".")
            found[place[0], place[3], place[4]] = (letters, kind)
        return found

    ours, theirs = map(tags, both)
    shared = ours.keys() & theirs.keys()
    assert len(shared) > 100
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}


def test_the_whole_has_the_same_names_places_and_tags(both):
    def tags(socket):
        lines = asked(socket, "show info typed").splitlines()
        return {text.split(":")[0]: text.split(":")[1:3] for text in lines if text}

    ours, theirs = map(tags, both)
    unknown = {name for name in ours if name not in theirs}
    assert {name.split(".")[1] for name in unknown} <= {"Product"}
    assert not {
        name: (ours[name], theirs[name])
        for name in ours.keys() & theirs.keys()
        if ours[name] != theirs[name]
    }
