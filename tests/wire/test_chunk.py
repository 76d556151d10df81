"""Writing the chunked coding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.wire.chunk import framed
from forkproxy.wire.chunked import ChunkedDecoder


@pytest.mark.parametrize(
    ("count", "size"), [(1, b"1"), (9, b"9"), (10, b"a"), (16, b"10"), (65535, b"ffff")]
)
def test_a_chunk_is_its_size_and_its_content(count, size):
    assert framed(b"x" * count) == size + b"\r\n" + b"x" * count + b"\r\n"


def test_a_chunk_of_nothing_is_the_end():
    assert framed(b"") == b"0\r\n\r\n"


@given(st.lists(st.binary(min_size=1, max_size=300)))
def test_what_is_framed_is_read_again(pieces):
    decoder = ChunkedDecoder()
    octets = b"".join(framed(piece) for piece in pieces) + framed(b"")
    assert decoder.feed(octets) == (b"".join(pieces), b"")
    assert decoder.done
