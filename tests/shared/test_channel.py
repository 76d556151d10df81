import os
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.shared.channel import Channel, ChannelError, pair


@pytest.fixture
def ends():
    one, other = pair()
    yield one, other
    one.close()
    other.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_what_is_sent_is_received(message):
    one, other = pair()
    one.send(message)
    assert other.receive() == (message, [])
    one.close()
    other.close()


def test_messages_keep_their_bounds_and_their_order(ends):
    one, other = ends
    for number in range(3):
        one.send({"number": number})
    assert [other.receive()[0]["number"] for _ in range(3)] == [0, 1, 2]


def test_nothing_there_is_told_without_waiting(ends):
    with pytest.raises(BlockingIOError):
        ends[0].receive()


def test_descriptors_travel_along(ends):
    one, other = ends
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        one.send({"texts": ["a"]}, [sock.fileno()])
        _, (descriptor,) = other.receive()
        with socket.socket(fileno=descriptor) as same:
            assert same.getsockname() == sock.getsockname()
            assert not same.get_inheritable()


def test_the_end_is_none(ends):
    one, other = ends
    one.send({"last": 1})
    one.close()
    assert other.receive() == ({"last": 1}, [])
    assert other.receive() is None
    with pytest.raises(ChannelError):
        other.send({})


def test_a_message_too_long_for_a_packet_arrives_with_its_descriptors(ends):
    one, other = ends
    reader, writer = os.pipe()
    one.send({"text": "x" * 3_000_000}, [writer])
    os.close(writer)
    message, (descriptor,) = other.receive()
    assert len(message["text"]) == 3_000_000
    os.write(descriptor, b"!")
    assert os.read(reader, 1) == b"!"
    os.close(descriptor)
    os.close(reader)


def test_who_does_not_read_is_told_of_not_waited_for(ends):
    one, _ = ends
    with pytest.raises(ChannelError):
        for _ in range(100000):
            one.send({"text": "x" * 1000})


@pytest.mark.parametrize("packet", [b"{", b"[1]", b"\xff\xfe", b"null"])
def test_what_is_no_message_is_refused_and_its_descriptors_are_closed(packet):
    raw, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reader, writer = os.pipe()
    socket.send_fds(raw, [packet], [writer])
    os.close(writer)
    channel = Channel(end)
    with pytest.raises(ChannelError):
        channel.receive()
    assert os.read(reader, 1) == b""
    os.close(reader)
    raw.close()
    channel.close()
