"""What limit_req and limit_conn say alike: of keys that are too long."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside

ZONES = """
    limit_req_zone $arg_k zone=limits-r:64k rate=1r/m;
    limit_conn_zone $arg_k zone=limits-c:64k;
"""


@pytest.mark.parametrize("limit", ["limit_req zone=limits-r;", "limit_conn limits-c 1;"])
@pytest.mark.parametrize("length", [0, 70_000])
def test_a_key_that_is_nothing_or_too_long_is_not_counted(limit, length):
    large = "client_header_buffer_size 128k; large_client_header_buffers 4 128k;"
    with Inside(f"{limit} root %PREFIX%; {large}", http=ZONES) as server:
        server.write("file", b"file")
        for _ in range(2):
            assert get(server.address, b"/file?k=" + b"x" * length).status == 200
        reported = 'the value of the "$arg_k" key is more than' in server.errors()
        assert reported is bool(length)
