"""What an HTTP/2 connection costs that nobody uses: octets of the proxy, for each of 1,000."""

import contextlib
import socket

from loadtest.http2_client import OK, Client, connect
from loadtest.idle import idle
from loadtest.multiplexed import HTTP2


def _use(port: int, stack: contextlib.ExitStack) -> socket.socket | None:
    connection = stack.enter_context(connect(port))
    client = Client(connection)
    client.ask(1)
    while not (ended := client.outcomes()):
        pass
    return connection if ended == [OK] else None


SCENARIO = idle("1,000 idle HTTP/2 connections: octets of memory each", 1000, _use, task=HTTP2)
