"""A cache shared by real processes: over workers, over a death, and from outside."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.caching import Halting
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, chunked, response
from tests.support.proxy import ROOT, Proxy
from tests.support.ranges import CONTENT, RangeOrigin

CONF = """
control_socket unix:%PREFIX%/control;
events {}
http {
    access_log off;
    proxy_cache_path %PREFIX%/cache keys_zone=one:1m;
    proxy_cache_key $uri;
    server {
        listen %PORT%;
        location = /pid { return 200 $pid; }
        location / {
            proxy_pass http://%ORIGIN%;
            proxy_cache one;
            proxy_cache_lock on;
            add_header X-Status $upstream_cache_status;
            add_header X-Pid $pid;
        }
    }
}
"""
FRESH = (b"Cache-Control: max-age=60", b"Cache-Tag: t")


def forkproxy(proxy, *words):
    command = [
        sys.executable,
        "-m",
        "forkproxy",
        *words,
        "--socket",
        proxy.word("PREFIX") + "/control",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_one_worker_stored_all_have_and_it_can_be_seen_and_purged():
    script = answers(response(b"stored", *FRESH))
    with Origin(script) as origin, Proxy(CONF, workers=2, ORIGIN=origin.address) as proxy:
        get(proxy.address, b"/a")
        found = {}

        def both_hit():
            got = get(proxy.address, b"/a")
            found[got.get(b"x-pid")] = got.get(b"x-status")
            return list(found.values()) == [b"HIT", b"HIT"]

        eventually(both_hit, within=10.0)
        assert len(origin.requests) == 1
        assert json.loads(forkproxy(proxy, "cache", "stat", "--json"))["one"]["entries"] == 1
        assert "/a" in forkproxy(proxy, "cache", "ls", "/")
        assert "stored" in forkproxy(proxy, "cache", "why", "http://host/a")
        assert "one: 1 are pinned" in forkproxy(proxy, "cache", "pin", "--tag", "t")
        assert "/a" in forkproxy(proxy, "cache", "ls", "--pinned", "--tag", "t")
        assert "one: 1 are gone" in forkproxy(proxy, "cache", "purge", "--tag", "t")
        assert get(proxy.address, b"/a").get(b"x-status") == b"MISS"
        eventually(lambda: "/a" in forkproxy(proxy, "cache", "ls"))
        assert "one: 1 are gone" in forkproxy(proxy, "cache", "purge", "--all")


def ask(client):
    """Ask for /a; return the worker that answers, once its answer's head has come."""
    client.send(request(b"GET", b"/a"))
    head = client.reader.until(b"\r\n\r\n")
    return int(head.partition(b"X-Pid: ")[2].split()[0])


@contextlib.contextmanager
def of_another_worker(proxy, pid):
    """A client that another worker than `pid` answers."""
    while True:
        with Client(proxy.address, timeout=20.0) as client:
            if ask(client) != pid:
                yield client
                return


@contextlib.contextmanager
def two_of_two_workers(proxy):
    """Two clients whose connections are with two workers; the first one's worker comes third."""
    with Client(proxy.address, timeout=20.0) as first:
        pid = int(first.ask(request(b"GET", b"/pid")).body)
        while True:
            with Client(proxy.address, timeout=20.0) as other:
                if int(other.ask(request(b"GET", b"/pid")).body) != pid:
                    yield first, other, pid
                    return


def left_over(proxy):
    """Return the files of answers under way."""
    return list((Path(proxy.prefix) / "cache" / "bodies").glob(".*"))


def in_chunks(body, *lines):
    return chunked([body], *lines)


@pytest.mark.parametrize(("size", "make"), [(3_000, response), (300_000, in_chunks)])
def test_who_waits_in_another_worker_gets_what_comes_as_it_comes(size, make):
    body = os.urandom(size)
    whole = make(body, *FRESH)
    script = Halting(whole, whole.index(b"\r\n\r\n") + 2_000)
    with Origin(script) as origin, Proxy(CONF, workers=2, ORIGIN=origin.address) as proxy:
        with Client(proxy.address, timeout=20.0) as first:
            pid = ask(first)
            with of_another_worker(proxy, pid) as other:
                there = other.reader.until(body[500:600])
                script.go_on.set()
                assert there + other.reader.until(body[-100:]) == (first.reader.until(body[-100:]))
        eventually(lambda: get(proxy.address, b"/a").get(b"x-status") == b"HIT", within=10.0)
        assert get(proxy.address, b"/a").body == body
        assert len(origin.requests) == 1
        assert left_over(proxy) == []


def test_a_filler_that_dies_cuts_who_follows_and_nothing_torn_is_stored():
    whole = in_chunks(b"x" * 300_000, *FRESH)
    script = Halting(whole, 200_000)
    with Origin(script) as origin, Proxy(CONF, workers=2, ORIGIN=origin.address) as proxy:
        with Client(proxy.address, timeout=20.0) as first:
            pid = ask(first)
            first.reader.exactly(100_000)
            with of_another_worker(proxy, pid) as other:
                other.reader.exactly(100_000)
                os.kill(pid, signal.SIGKILL)
                rest = other.rest()
        assert len(rest) < 100_000
        assert not rest.endswith(b"\r\n0\r\n\r\n")
        script.go_on.set()
        for _ in range(5):
            assert get(proxy.address, b"/a", timeout=20.0).body == b"x" * 300_000
        assert left_over(proxy) == []


def test_who_waits_for_the_head_asks_himself_when_the_filler_dies():
    script = Halting(response(b"whole", *FRESH), 0)
    with Origin(script) as origin, Proxy(CONF, workers=2, ORIGIN=origin.address) as proxy:
        with two_of_two_workers(proxy) as (first, other, pid):
            first.send(request(b"GET", b"/a"))
            origin.wait(1)
            other.send(request(b"GET", b"/a"))
            os.kill(pid, signal.SIGKILL)
            assert other.final().body == b"whole"
        script.go_on.set()
        assert len(origin.requests) == 2


@pytest.fixture
def folder():
    """A folder that workers of any user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_what_was_answered_last_before_an_end_is_stored(folder):
    conf = CONF.replace("%PREFIX%/cache", str(folder / "cache"))
    paths = [b"/%d" % number for number in range(50)]
    with Origin(answers(response(b"x" * 100_000, *FRESH))) as origin:
        with Proxy(conf, ORIGIN=origin.address) as proxy:
            for path in paths:
                get(proxy.address, path)
            proxy.signal(signal.SIGQUIT)
            assert proxy.wait() == 0
        with Proxy(conf, ORIGIN=origin.address) as proxy:
            said = {get(proxy.address, path).get(b"x-status") for path in paths}
    assert said == {b"HIT"}


def test_parts_that_workers_fetched_join_and_are_there_after_a_restart(folder):
    conf = CONF.replace("%PREFIX%/cache", str(folder / "cache")).replace(
        "proxy_cache_lock on;",
        "proxy_cache_lock on; proxy_cache_rfc on; proxy_cache_max_range_offset 0;",
    )
    origin = RangeOrigin(CONTENT)
    starts = range(0, len(CONTENT), 1024)
    with Origin(origin) as there:
        with Proxy(conf, workers=2, ORIGIN=there.address) as proxy:
            for start in starts:
                wanted = b"Range: bytes=%d-%d" % (start, start + 1023)
                assert get(proxy.address, b"/a", wanted).body == CONTENT[start : start + 1024]
            eventually(lambda: get(proxy.address, b"/a").get(b"x-status") == b"HIT", within=10.0)
            assert get(proxy.address, b"/a").body == CONTENT
            get(proxy.address, b"/b", b"Range: bytes=5000-5999")
            listed = "only 5000-5999 of 10240"
            eventually(lambda: listed in forkproxy(proxy, "cache", "ls"), within=20.0)
        count = len(there.requests)
        with Proxy(conf, workers=2, ORIGIN=there.address) as proxy:
            part = get(proxy.address, b"/b", b"Range: bytes=5500-5599")
            assert (part.status, part.body) == (206, CONTENT[5500:5600])
            assert get(proxy.address, b"/a").body == CONTENT
        assert len(there.requests) == count
