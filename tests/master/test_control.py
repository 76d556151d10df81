import selectors
import socket

import pytest

from forkproxy.master.commands import Level
from forkproxy.master.control import PATIENCE, Control
from forkproxy.master.reply import Reply
from tests.support.administration import Master
from tests.support.clock import StoppedClock
from tests.support.sockets import connect


class Desk:
    """A control socket, with the turns of its loop in the test's hand."""

    def __init__(self, path):
        self.path = str(path)
        self.master = Master()
        self.clock = StoppedClock()
        self.selector = selectors.DefaultSelector()
        self.control = Control(self.master, self.selector, self.clock.monotonic)
        self.control.open(self.path, 0o600, "")

    def turn(self):
        """Let everything happen that can without waiting."""
        while events := self.selector.select(0):
            for key, _ in events:
                if self.selector.get_map().get(key.fd) is key:
                    key.data()

    def connect(self):
        sock = connect(f"unix:{self.path}")
        self.turn()
        return sock

    def exchange(self, *pieces):
        """Send pieces, a turn of the loop after each; return what came."""
        with self.connect() as sock:
            for piece in pieces:
                sock.sendall(piece)
                self.turn()
            return received(sock)


def received(sock):
    sock.setblocking(False)
    try:
        return b"".join(iter(lambda: sock.recv(65536), b""))
    except BlockingIOError:
        return b"(open)"
    except ConnectionResetError:
        return b"(reset)"


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "control.sock")
    yield desk
    desk.control.close()
    desk.control.finish(0.1)
    desk.selector.close()


KEPT = b"GET /api/9/forkproxy/version HTTP/1.1\r\nHost: x\r\n\r\n"
HTTP = KEPT.replace(b"Host: x", b"Host: x\r\nConnection: close")


@pytest.mark.parametrize("octets", [b"version\n", HTTP], ids=["line", "http"])
def test_a_question_is_understood_in_one_piece_and_octet_by_octet(desk, octets):
    at_once = desk.exchange(octets)
    assert b"forkproxy" in at_once or b'"version"' in at_once
    assert desk.exchange(*(octets[i : i + 1] for i in range(len(octets)))) == at_once
    assert desk.exchange(octets + b"trailing") == at_once


def test_a_question_without_its_end_waits(desk):
    assert desk.exchange(b"version") == b"(open)"
    assert desk.exchange(HTTP[:-1]) == b"(open)"


def test_an_answer_that_takes_time_comes_when_it_is_there(desk):
    with desk.connect() as sock:
        sock.sendall(b"reload; version\n")
        desk.turn()
        ((_, client),) = desk.master.asked
        desk.control.answer(client, Reply("done"))
        assert received(sock) == b"done\n\nforkproxy 0.1.0\n\n"


def test_an_answer_to_a_client_that_left_is_dropped(desk):
    with desk.connect() as sock:
        sock.sendall(b"reload\n")
        desk.turn()
    desk.turn()
    ((_, client),) = desk.master.asked
    desk.control.answer(client, Reply("done"))
    desk.control.answer(4711, Reply("done"))
    assert desk.exchange(b"version\n").startswith(b"forkproxy")


def test_who_asks_nothing_in_time_is_sent_away_and_who_waits_for_an_answer_is_not(desk):
    with desk.connect() as idle, desk.connect() as waiting:
        waiting.sendall(b"reload\n")
        desk.turn()
        desk.clock.advance(PATIENCE + 1)
        desk.control.sweep()
        assert received(idle) == b""
        assert received(waiting) == b"(open)"


def test_who_says_nothing_more_after_a_few_octets_is_understood(desk):
    with desk.connect() as sock:
        sock.sendall(b"GET")
        desk.turn()
        sock.shutdown(socket.SHUT_WR)
        desk.turn()
        assert received(sock).startswith(b"Unknown command")


def test_a_client_that_still_talks_is_heard_out_before_the_connection_ends(desk):
    with desk.connect() as sock:
        sock.sendall(b"version\n")
        desk.turn()
        assert received(sock) == b"forkproxy 0.1.0\n\n"
        sock.sendall(b"x" * 100_000)
        desk.turn()
        sock.shutdown(socket.SHUT_WR)
        desk.turn()
        assert received(sock) == b""


def test_a_connection_of_http_carries_more_than_one_request(desk):
    with desk.connect() as sock:
        sock.sendall(KEPT + HTTP)
        desk.turn()
        assert received(sock).count(b"HTTP/1.1 200 OK") == 2


def test_what_looks_only_may_not_change_anything(tmp_path):
    desk = Desk(tmp_path / "looks.sock")
    desk.control.open(desk.path, 0o600, "", Level.USER)
    assert desk.exchange(b"reload\n") == b"Permission denied\n\n"
    answer = desk.exchange(b"POST /api/9/forkproxy/reload HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert desk.master.asked == []
    desk.control.close()
    desk.selector.close()


def test_an_empty_line_inside_an_answer_does_not_end_it(desk):
    with desk.connect() as sock:
        sock.sendall(b"reload\n")
        desk.turn()
        desk.control.answer(desk.master.asked[0][1], Reply("one\n\ntwo\n"))
        assert received(sock) == b"one\ntwo\n\n"
