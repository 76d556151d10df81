"""One greenlet waits for what another does.

A gate is seen at work where an exchange waits for its second greenlet: here the one that carries
a request body up, which must have ended before the connection is used for anything else.
"""

from tests.support.client import Client, request
from tests.support.eventually import eventually
from tests.support.inside import proxying
from tests.support.origin import answers, response

PASSED_ON = "location / { proxy_pass http://%ORIGIN%; proxy_request_buffering off; }"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def early(peer):
    peer.head()
    peer.send(response(b"early", b"Connection: close"))
    peer.gone()


def test_who_waits_for_what_is_done_already_goes_on_at_once():
    with proxying(answers(response(b"ok")), PASSED_ON) as server, Client(server.address) as client:
        for _ in range(2):
            assert client.ask(request(b"POST", b"/", body=b"whole")).body == b"ok"


def test_who_waits_goes_on_when_the_other_has_stopped():
    with proxying(early, PASSED_ON) as server:
        with Client(server.address) as client:
            client.send(CHUNKED + b"3\r\nabc\r\n")
            assert client.final().body == b"early"
            assert client.closed()
        eventually(lambda: server.connections() == 0)
        assert server.peers()[0].active == 0


def test_nobody_waits_forever_for_one_whose_client_left():
    with proxying(early, PASSED_ON) as server:
        with Client(server.address) as client:
            client.send(CHUNKED + b"3\r\nabc\r\n")
            client.reset()
        eventually(lambda: server.connections() == 0)
        eventually(lambda: server.peers()[0].active == 0)
