"""Filling: what comes is stored when it is whole, and never else."""

import contextlib
import subprocess
import threading

import pytest

from forkproxy.cache import purge
from tests.support.caching import FRESH, answers, caching, chunked, fresh, response
from tests.support.client import Client, request
from tests.support.eventually import eventually

LARGE = bytes(range(256)) * 4096  # a MiB: goes to a file


def ask_and_lose(server):
    """Ask for something whose answer ends too early."""
    with Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.rest()


def test_a_large_answer_is_a_file_beside_the_store():
    with caching(answers(response(LARGE, FRESH))) as server:
        assert server.ask().body == LARGE
        server.settle()
        hit = server.ask()
        assert (hit.status, hit.body) == ("HIT", LARGE)
        assert server.ask(method=b"HEAD").get(b"content-length") == b"%d" % len(LARGE)


def test_a_large_chunked_answer_is_stored_too():
    with caching(answers(chunked([LARGE, LARGE], FRESH))) as server:
        assert server.ask().body == 2 * LARGE
        server.settle()
        assert server.ask().body == 2 * LARGE


def test_it_goes_on_when_the_client_has_left():
    go_on = threading.Event()

    def script(peer):
        peer.request()
        peer.send(
            b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\n12345"
        )
        go_on.wait(5.0)
        peer.send(b"67890")

    with caching(script) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            client.reader.until(b"12345")
            client.reset()
        go_on.set()
        eventually(lambda: server.ask().status == "HIT")
        assert server.ask().body == b"1234567890"


def test_what_ends_too_early_is_not_stored():
    cut = response(b"x" * 100, FRESH)[:-50]
    with caching(answers(cut, fresh(b"whole"), close=True)) as server:
        ask_and_lose(server)
        assert server.ask().body == b"whole"
        assert server.zone.counts()["not_stored"] == {"truncated": 1}


def test_where_more_comes_than_the_length_says_nothing_is_stored(capfd):
    length = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\n"
    chunks = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n"
    for answer in (length + b"page", chunks + b"4\r\npage\r\n0\r\n\r\n"):
        evil = answer + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
        with caching(answers(evil)) as server:
            assert [server.ask().body for _ in range(2)] == [b"page", b"page"]
            server.settle()
            assert server.zone.counts()["not_stored"] == {"lying-length": 2}
            assert "more came than the length of an answer says" in capfd.readouterr().err


def test_chunks_that_make_no_sense_are_not_stored():
    broken = (
        b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    )
    with caching(answers(broken, fresh(b"whole"), close=True)) as server:
        assert server.ask().code == 502
        assert server.ask().body == b"whole"


def test_no_file_of_an_answer_that_ended_too_early_stays():
    cut = response(LARGE, FRESH)[:-1]
    with caching(answers(cut, close=True)) as server:
        ask_and_lose(server)
        bodies = server.prefix / "cache" / "bodies"
        eventually(lambda: not [path for path in bodies.rglob("*") if path.is_file()])


def test_what_was_asked_for_before_a_purge_is_not_stored():
    go_on = threading.Event()

    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 2\r\n\r\n1")
        go_on.wait(5.0)
        peer.send(b"2")

    with caching(script) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            client.reader.until(b"\r\n\r\n1")
            server.zone.note_purge()
            go_on.set()
            assert client.reader.exactly(1) == b"2"
        eventually(lambda: "purged-meanwhile" in server.zone.counts()["not_stored"])
        assert server.keys() == []


def test_a_slow_reader_does_not_hold_the_fill():
    script = answers(response(8 * LARGE, FRESH))
    with caching(script) as server, Client(server.address) as client:
        client.send(request(b"GET", b"/"))
        client.reader.until(b"\r\n\r\n")
        eventually(lambda: server.keys() != [])
        assert client.reader.exactly(8 * len(LARGE)) == 8 * LARGE


@contextlib.contextmanager
def a_small_disk(folder):
    """Let a folder be a disk of its own, of 1 MiB; only root may do that."""
    words = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "none", str(folder)]
    if subprocess.run(words, capture_output=True).returncode:
        pytest.skip("this user may mount nothing")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_on_a_full_disk_answers_are_served_uncached_and_counted():
    script = answers(response(LARGE, FRESH))
    with caching(script) as server, a_small_disk(server.prefix / "cache"):
        for number in range(8):
            assert server.ask(b"/%d" % number).body == LARGE
        server.settle()
        refused = server.zone.counts()["not_stored"]
        assert refused.get("disk-full", 0) + refused.get("store-full", 0) > 0
        server.zone.close()


def test_in_a_full_store_answers_are_served_uncached_and_counted():
    body = b"x" * 131072  # lies in the store itself, whose least size is 64 MiB
    with caching(answers(response(body, FRESH)), options="max_size=1k") as server:
        for number in range(600):
            assert server.ask(b"/%d" % number).body == body
            if number % 64 == 0:
                server.settle()
            if "store-full" in server.zone.counts()["not_stored"]:
                break
        else:
            pytest.fail("the store has no end")
        assert server.ask(b"/0").status == "HIT"
        purge.submit(server.zone, purge.everything(False), None)
        server.settle()
        assert server.statuses(b"/0", b"/0") == ["MISS", "HIT"]
        server.settle()
        assert len(server.keys()) == 1
