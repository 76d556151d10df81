"""A cache shared by real processes: over workers, over a death, and from outside."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.origin import Origin, answers, response
from tests.support.proxy import ROOT, Proxy

CONF = """
control_socket unix:%PREFIX%/control;
events {}
http {
    access_log off;
    proxy_cache_path %PREFIX%/cache keys_zone=one:1m;
    proxy_cache_key $uri;
    server {
        listen %PORT%;
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
        assert "one: 1 are gone" in forkproxy(proxy, "cache", "purge", "--tag", "t")
        assert get(proxy.address, b"/a").get(b"x-status") == b"MISS"


def test_a_filler_that_dies_frees_who_waits_and_nothing_torn_is_stored():
    go_on = threading.Event()

    def script(peer):
        peer.request()
        whole = response(b"x" * 300_000, *FRESH)
        if peer.number == 0:
            peer.send(whole[:200_000])
            go_on.wait(10.0)
        peer.send(whole)

    with Origin(script) as origin, Proxy(CONF, workers=2, ORIGIN=origin.address) as proxy:
        with Client(proxy.address, timeout=20.0) as first:
            first.send(request(b"GET", b"/a"))
            head = first.reader.until(b"\r\n\r\n")
            pid = int(head.partition(b"X-Pid: ")[2].split()[0])
            first.reader.exactly(100_000)
            os.kill(pid, signal.SIGKILL)
        go_on.set()
        for _ in range(5):
            assert get(proxy.address, b"/a", timeout=20.0).body == b"x" * 300_000


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
