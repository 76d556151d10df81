"""The buffer that heads are written into."""

from hypothesis import given
from hypothesis import strategies as st

from forkproxy.wire.writer import Writer


def test_what_was_written_is_taken_once():
    to = Writer()
    to.write(b"one ")
    to.write(b"two")
    assert to.taken() == b"one two"
    assert to.taken() == b""


def test_it_grows_as_far_as_it_must():
    to = Writer()
    to.write(b"a" * 4095)
    to.write(b"b" * 100_000)
    to.write(b"c")
    assert to.taken() == b"a" * 4095 + b"b" * 100_000 + b"c"


@given(st.lists(st.binary(max_size=3000)))
def test_pieces_come_out_in_order(pieces):
    to = Writer()
    for piece in pieces:
        to.write(piece)
    assert to.taken() == b"".join(pieces)
