"""uwsgi's packets."""

import struct

import pytest

from forkproxy.errors import ProtocolError
from forkproxy.wire.uwsgi import request


def test_a_request_is_a_header_variables_and_the_content():
    octets = request([(b"A", b"1"), (b"BC", b"")], b"content", 5, 7)
    block = b"\1\0A\1\x001\2\0BC\0\0"
    assert octets == struct.pack("<BHB", 5, len(block), 7) + block + b"content"


def test_lengths_have_the_lower_octet_first():
    assert request([(b"A", b"x" * 258)])[4:11] == b"\1\0A\2\1xx"


@pytest.mark.parametrize("params", [[(b"A", b"x" * 65536)], [(b"A", b"x" * 40000)] * 2])
def test_more_than_the_protocol_can_say_is_refused(params):
    with pytest.raises(ProtocolError, match="too big") as caught:
        request(params)
    assert caught.value.status == 500
