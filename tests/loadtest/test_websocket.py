import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest import websocket


def reader(data):
    left = bytearray(data)

    def read(count):
        taken = bytes(left[:count])
        del left[:count]
        return taken

    return read, left


def test_a_key_is_answered_as_the_rfc_shows_it():
    # RFC 6455 §1.3
    assert websocket.accept(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@given(st.binary(max_size=websocket.SHORT))
def test_a_frame_is_read_as_it_was_written_and_not_beyond(payload):
    for write in (websocket.client_frame, websocket.server_frame):
        read, left = reader(write(websocket.TEXT, payload) + b"next")
        assert websocket.read_frame(read) == (websocket.TEXT, payload)
        assert left == b"next"


def test_only_a_client_masks():
    assert websocket.client_frame(websocket.TEXT, b"x")[1] & 0x80
    assert not websocket.server_frame(websocket.TEXT, b"x")[1] & 0x80


@pytest.mark.parametrize("head", [b"\x01\x01x", b"\x81\x7e\x01\x00"])
def test_fragments_and_long_frames_are_refused(head):
    read, _ = reader(head)
    with pytest.raises(ValueError, match="fragmented or long"):
        websocket.read_frame(read)
