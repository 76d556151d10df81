import contextlib
import socket
import struct
import threading

import pytest

from loadtest.strict import Connection, Event, Report, RequestError, parse

GET = b"GET / HTTP/1.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
RESET = object()


@contextlib.contextmanager
def connection(*steps):
    """A connection to a server that reads a request and sends a step each time, then closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener, steps))
        server.start()
        client = Connection(listener.getsockname()[1])
        try:
            yield client
        finally:
            client.close()
            server.join()


def serve(listener, steps):
    peer, _ = listener.accept()
    with peer:
        for step in steps:
            if not peer.recv(4096):
                return
            if step is RESET:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            for piece in step if isinstance(step, list) else [step]:
                peer.sendall(piece)


def octets(data):
    return [data[index : index + 1] for index in range(len(data))]


@pytest.mark.parametrize("answer", [ANSWER, octets(ANSWER)], ids=["at once", "by octets"])
def test_a_connection_is_kept_after_a_whole_answer(answer):
    with connection(answer, answer) as client:
        assert client.ask(GET)
        assert client.ask(GET)
        assert client.served == 2


def test_a_connection_is_not_kept_when_the_answer_says_so():
    with connection(ANSWER.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as client:
        assert not client.ask(GET)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", "closed unanswered"),
        (b"HTTP/1.1 200 OK\r\n", "closed within the head"),
        (ANSWER[:-1], "closed within the body"),
        (ANSWER.replace(b"200 OK", b"502 Bad Gateway"), "status 502"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "an answer without a length"),
        (RESET, "reset"),
    ],
)
def test_a_request_that_got_no_whole_200_failed(answer, kind):
    with connection(answer) as client:
        with pytest.raises(RequestError) as caught:
            client.ask(GET)
        assert str(caught.value) == kind


def test_a_refused_connection_is_a_failure_of_its_own():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(RequestError, match="refused"):
        Connection(port)


def test_failures_are_all_but_answers_and_idle_closes():
    report = Report({"ok": 9, "idle closed": 2, "reset": 1}, [])
    assert report.failures() == {"reset": 1}


def test_what_the_program_prints_is_parsed():
    text = '{"outcomes": {"ok": 1}, "events": [[2.0, 1.0, "ok"]]}\n'
    assert parse(text) == Report({"ok": 1}, [Event(2.0, 1.0, "ok")])


@pytest.mark.parametrize("text", ["", "Traceback\nboom", "{}", '{"outcomes": {}, "events": [[1]]}'])
def test_anything_else_is_no_report(text):
    with pytest.raises(ValueError, match="the strict client failed"):
        parse(text)
