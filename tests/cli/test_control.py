"""The client of the control socket, against a socket that answers what the test says."""

import contextlib
import socket
import threading

import pytest

from forkproxy.cli.control import ControlError, NobodyListensError, ask


@contextlib.contextmanager
def answering(path, octets):
    """Listen at a path, take one question, answer it; yield the list that the question ends in."""
    asked = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve():
            connection, _ = listener.accept()
            with connection:
                asked.append(connection.recv(65536))
                connection.sendall(octets)

        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join(10)


def http(status, body):
    return f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def test_the_question_is_a_path_and_the_answer_is_data(tmp_path):
    with answering(tmp_path / "s", http(200, '{"done": true, "text": "reloaded"}')) as asked:
        answer = ask(str(tmp_path / "s"), "POST", "reload")
    assert asked[0].startswith(b"POST /api/9/forkproxy/reload HTTP/1.1\r\n")
    assert (answer.status, answer.text) == (200, "reloaded")


def test_an_argument_may_hold_any_octet(tmp_path):
    with answering(tmp_path / "s", http(200, "{}")) as asked:
        ask(str(tmp_path / "s"), "POST", "drain", "app/unix:/run/a b")
    assert asked[0].startswith(
        b"POST /api/9/forkproxy/drain/app%2Funix%3A%2Frun%2Fa%20b HTTP/1.1\r\n"
    )


def test_an_error_has_its_text(tmp_path):
    body = '{"error": {"status": 409, "text": "not now: reloading"}}'
    with answering(tmp_path / "s", http(409, body)):
        answer = ask(str(tmp_path / "s"), "POST", "reload")
    assert (answer.status, answer.text) == (409, "not now: reloading")


def test_where_there_is_no_socket_nobody_listens(tmp_path):
    with pytest.raises(NobodyListensError, match="no forkproxy answers"):
        ask(str(tmp_path / "s"), "GET", "status")


def test_a_socket_that_was_left_behind_is_nobody_too(tmp_path):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "s"))
    with pytest.raises(NobodyListensError):
        ask(str(tmp_path / "s"), "GET", "status")


@pytest.mark.parametrize("octets", [b"", b"hello\r\n\r\n", http(200, "not json")])
def test_an_answer_that_makes_no_sense_is_an_error(tmp_path, octets):
    with answering(tmp_path / "s", octets), pytest.raises(ControlError):
        ask(str(tmp_path / "s"), "GET", "status")
