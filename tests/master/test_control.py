import selectors
import socket

import pytest

from forkproxy.master.commands import Reply
from forkproxy.master.control import PATIENCE, Control, ControlError
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


HTTP = b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("octets", [b"version\n", HTTP], ids=["line", "http"])
def test_a_question_is_understood_in_one_piece_and_octet_by_octet(desk, octets):
    at_once = desk.exchange(octets)
    assert b"forkproxy" in at_once or b'"version"' in at_once
    assert desk.exchange(*(octets[i : i + 1] for i in range(len(octets)))) == at_once
    assert desk.exchange(octets + b"trailing") in (at_once, b"(reset)")


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


def test_a_head_request_gets_no_body(desk):
    answer = desk.exchange(b"HEAD /version HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_too_much_is_refused(desk):
    assert desk.exchange(b"x" * 16000, b"x" * 1000) in (b"too long\n\n", b"(reset)")


def test_an_empty_line_inside_an_answer_does_not_end_it(desk):
    with desk.connect() as sock:
        sock.sendall(b"reload\n")
        desk.turn()
        desk.control.answer(desk.master.asked[0][1], Reply("one\n\ntwo\n"))
        assert received(sock) == b"one\ntwo\n\n"


def test_a_path_that_cannot_be_is_told(desk, tmp_path):
    with pytest.raises(ControlError, match="No such file"):
        desk.control.open(str(tmp_path / "missing" / "sock"), 0o600, "")
    with pytest.raises(ControlError, match="too long"):
        desk.control.open(str(tmp_path / ("x" * 120)), 0o600, "")
    with pytest.raises(ControlError, match="no group"):
        desk.control.open(str(tmp_path / "other"), 0o600, "no such group")
    assert desk.exchange(b"version\n").startswith(b"forkproxy")


def test_a_plain_file_in_its_place_stays(desk, tmp_path):
    plain = tmp_path / "file"
    plain.write_text("mine")
    with pytest.raises(ControlError, match="another process serves"):
        desk.control.open(str(plain), 0o600, "")
    assert plain.read_text() == "mine"


def test_a_socket_that_another_put_in_our_place_stays_when_we_close(desk):
    other = Desk.__new__(Desk)
    other.master, other.clock = Master(), StoppedClock()
    other.selector = selectors.DefaultSelector()
    control = Control(other.master, other.selector, other.clock.monotonic)
    control.open(desk.path, 0o600, "", replace=True)
    desk.control.close()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(desk.path)
    control.close()
    other.selector.close()
