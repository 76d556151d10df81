"""Requests bent as smugglers bend them: whatever reaches the origin is strictly framed.

The origin of the tests reads by RFC 9112 alone and shares no code with forkproxy, so a request that
it could read in two ways is a fault of the proxy, whatever the client sent.
"""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.support.client import Client, request
from tests.support.inside import proxying
from tests.support.origin import echo

CORPUS = Path(__file__).parents[1] / "corpus"
SEEDS = sorted(CORPUS.glob("smuggling/*.http")) + sorted(CORPUS.glob("http1/valid/chunked*.http"))
PIECES = [
    *(bytes((octet,)) for octet in b' \t\x0b\x0c\r\n\0,;:=_-+0a\x7f\x80\xff"'),
    b"\r\n",
    b"\r\n ",
    b"\n\n",
    b"chunked",
    b"identity",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer_Encoding: chunked\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: 0\r\n",
    b"content-length:\t6\r\n",
    b"Connection: content-length\r\n",
    b"Expect: 100-continue\r\n",
    b"HTTP/1.0",
    b"0\r\n\r\n",
    b"5\r\n",
    b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
]
EDITS = some.lists(
    some.tuples(
        some.integers(0, 400), some.sampled_from(PIECES), some.sampled_from(("in", "over", "out"))
    ),
    min_size=1,
    max_size=4,
)
FRAMES = ("defensive", "monitor", "strictest")


def bent(octets, edits):
    """Insert, overwrite and leave out."""
    for at, piece, how in edits:
        at %= len(octets) + 1
        behind = at if how == "in" else at + len(piece) if how == "over" else at + 1
        octets = octets[:at] + (piece if how != "out" else b"") + octets[behind:]
    return octets


@pytest.fixture(scope="module", params=FRAMES)
def server(request):
    conf = f"request_framing {request.param}; location / {{ proxy_pass http://%ORIGIN%; }}"
    with proxying(echo, conf) as found:
        yield found


@given(seed=some.sampled_from(SEEDS), edits=EDITS)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_reaches_the_origin_is_strictly_framed(server, seed, edits):
    with Client(server.address) as client:
        client.send(bent(seed.read_bytes(), edits) + request(b"GET", b"/behind"))
        client.half_close()
        with contextlib.suppress(ConnectionResetError):
            client.rest()
    assert server.origin.faults == []
    for asked in server.origin.requests:
        assert len(asked.all(b"content-length")) + len(asked.all(b"transfer-encoding")) <= 1
    server.origin.requests.clear()
