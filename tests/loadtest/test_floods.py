"""The table of attacks: what is counted, and what is refused."""

import socket
import time

import pytest

from loadtest.floods import Cost, Normal, Upstream, main
from loadtest.http2_attacks import Sent
from tests.support.eventually import eventually
from tests.support.inside import Inside


def test_a_cost_is_for_each_megabit():
    assert Cost(0.5, Sent(125_000, 1), 0, Normal([])).each == 500_000


def test_the_upstream_counts_what_came_by_attack():
    with Upstream() as upstream, socket.create_connection(("127.0.0.1", upstream.port)) as one:
        one.sendall(b"GET /attack HTTP/1.1\r\n\r\nGET /normal HTTP/1.1\r\n\r\n")
        eventually(lambda: upstream.attacked == 1)


def test_a_normal_client_is_timed():
    with Inside("http2 on; return 200 ok;") as inside:
        normal = Normal([])
        normal.ask(inside.port, time.monotonic() + 0.3)
    assert normal.failed == 0
    assert normal.p99() > 0.0


def test_an_attack_that_nobody_knows_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["nonsense"])
    assert "no such attack" in capsys.readouterr().err
