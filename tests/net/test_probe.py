import pytest

from forkproxy.errors import PeerError
from forkproxy.net.dial import address_of
from forkproxy.net.probe import ask, reach
from tests.support.hub import in_hub
from tests.support.origin import Origin, answers, chunked, response, silent

REQUEST = b"GET / HTTP/1.0\r\n\r\n"


def asked(script, most=100, limit=5.0):
    with Origin(script) as origin:
        return in_hub(ask, address_of(origin.address), REQUEST, 5.0, limit, most)


def test_an_answer_has_a_head_and_so_much_content():
    head, body = asked(answers(response(b"0123456789")), most=4)
    assert (head.status, body) == (200, b"0123")


def test_content_ends_with_its_length_or_with_the_connection():
    assert asked(answers(response(b"abc")))[1] == b"abc"
    assert asked(answers(b"HTTP/1.0 200 OK\r\n\r\nabc", close=True))[1] == b"abc"


def test_chunks_are_put_together():
    assert asked(answers(chunked([b"ab", b"c"])))[1] == b"abc"


@pytest.mark.parametrize(
    "script",
    [
        answers(b"SSH-2.0\r\n\r\n", close=True),
        answers(b"HTTP/1.1 200 OK\r\n", close=True),
        lambda peer: peer.reset(),
    ],
)
def test_what_is_no_answer_is_a_fault_of_the_peer(script):
    with pytest.raises(PeerError):
        asked(script)


def test_an_answer_must_come_in_time():
    with pytest.raises(PeerError) as raised:
        asked(silent, limit=0.05)
    assert raised.value.status == 504


def test_a_peer_that_listens_can_be_reached():
    with Origin() as origin:
        address = address_of(origin.address)
        in_hub(reach, address, 5.0)
    with pytest.raises(PeerError):
        in_hub(reach, address, 5.0)
