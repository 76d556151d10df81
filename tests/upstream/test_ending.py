"""Ending what a peer has in hand, when an administrator has waited long enough."""

from forkproxy.upstream.ending import end_connections
from tests.support.client import Client, request
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.inside import proxying

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def script(peer):
    while peer.head().target != b"/slow":
        peer.send(OK)
    peer.origin.closing.wait(5)


def test_connections_in_use_are_closed_and_idle_ones_stay():
    http = "upstream u { server %ORIGIN%; }"
    with proxying(script, "location / { proxy_pass http://u; }", http=http) as server:
        (upstream,) = server.generation.upstreams
        key = upstream.members[0].key
        with Client(server.address) as slow, Client(server.address) as fast:
            slow.send(request(b"GET", b"/slow"))
            eventually(lambda: server.origin.peers and b"/slow" in server.origin.peers[0].raw)
            assert fast.get(b"/").body == b"ok"
            assert in_hub(end_connections, upstream, "10.0.0.1:80") == 0
            assert in_hub(end_connections, upstream, key) == 1
            assert slow.final().status == 502
            assert fast.get(b"/").body == b"ok"
            assert len(server.origin.peers) == 2
