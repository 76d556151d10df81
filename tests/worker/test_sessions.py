"""The requests under way, listed and ended."""

import os
import re

from forkproxy.worker import sessions
from tests.support.client import Client, request
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.inside import proxying

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def script(peer):
    while b"/slow" not in peer.head().target:
        peer.send(OK)
    peer.origin.closing.wait(5)


def test_what_is_under_way_is_listed_and_can_be_ended():
    http = "upstream u { server %ORIGIN%; }"
    with (
        proxying(script, "location / { proxy_pass http://u; }", http=http) as server,
        Client(server.address) as idle,
        Client(server.address) as slow,
    ):
        assert idle.get(b"/").body == b"ok"
        slow.send(request(b"GET", b"/slow%0a%20x"))
        eventually(lambda: b"/slow" in in_hub(sessions.listed).encode())
        (line,) = in_hub(sessions.listed).splitlines()
        found = re.match(r"0x([0-9a-f]+): proto=tcpv4 src=127.0.0.1:(\d+) fe=http be=u ", line)
        assert int(found[2]) == slow.socket.getsockname()[1]
        assert f"srv={server.origin.address} " in line
        assert line.endswith("rq=GET uri=/slow%0A%20x")
        name = int(found[1], 16)
        assert name >> 32 == os.getpid()
        assert not in_hub(sessions.end, 0)
        assert in_hub(sessions.end, name & sessions.NUMBERS)
        slow.closed()
        eventually(lambda: in_hub(sessions.listed) == "")
        assert idle.get(b"/").body == b"ok"
