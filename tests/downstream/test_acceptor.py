"""Listening sockets to connections: who is taken, who waits, and how it ends."""

import socket

import pytest

from forkproxy.shared import cells as columns
from forkproxy.shared.scoreboard import Cell, Row
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.inside import Inside, proxying
from tests.support.origin import silent


def test_connections_are_counted_until_they_are_gone():
    with Inside("return 204;") as server:
        with Client(server.address) as client:
            client.get()
            assert server.connections() == 1
        eventually(lambda: server.connections() == 0, what="it is gone")


@pytest.mark.parametrize("greedy", ["on", "off"])
def test_many_at_once_are_all_taken(greedy):
    with Inside("return 204;", events=f"multi_accept {greedy};") as server:
        clients = [Client(server.address) for _ in range(100)]
        assert all(client.get().status == 204 for client in clients)
        assert server.connections() == 100
        for client in clients:
            client.close()


def test_a_connection_beyond_worker_connections_waits_for_its_turn():
    with Inside("return 204;", events="worker_connections 2;") as server:
        first, second = Client(server.address), Client(server.address)
        assert first.get().status == second.get().status == 204
        with Client(server.address) as third:
            third.send(request(b"GET", b"/"))
            assert first.get().status == 204
            assert server.connections() == 2
            first.close()
            assert third.final().status == 204
        second.close()


def test_several_addresses_are_served():
    conf = """
        server { listen %PORT%; return 200 one; }
        server { listen %PORT2%; return 200 two; }
    """
    with Inside(conf) as server:
        assert get(server.address).body == b"one"
        assert get(server.word("PORT2")).body == b"two"


def test_who_stops_accepting_serves_on_whom_it_has():
    with Inside("return 204;") as server, Client(server.address) as client:
        assert client.get().status == 204
        in_hub(server.acceptor.stop_accepting)
        with Client(server.address) as late:
            late.send(request(b"GET", b"/"))
            assert client.get().status == 204
            assert server.connections() == 1
            in_hub(server.acceptor.start)
            assert late.final().status == 204


def test_draining_answers_with_close():
    with Inside("return 204;") as server, Client(server.address) as client:
        client.get()
        in_hub(server.acceptor.drain, 5.0)
        answer = client.get()
        assert answer.get(b"connection") == b"close"
        assert client.closed()


def test_draining_lets_the_idle_go_after_a_grace():
    with Inside("return 204;") as server, Client(server.address) as client:
        client.get()
        in_hub(server.acceptor.drain, 0.1)
        assert client.closed()
        eventually(lambda: in_hub(server.acceptor.finished), what="all are gone")


def test_draining_waits_for_what_is_under_way():
    with (
        proxying(silent, "location / { proxy_pass http://%ORIGIN%; }") as server,
        Client(server.address) as client,
    ):
        client.send(request(b"GET", b"/"))
        eventually(lambda: server.origin.peers, what="it has come to the origin")
        in_hub(server.acceptor.drain, 0.0)
        assert not in_hub(server.acceptor.finished)


def test_closing_all_ends_the_idle_and_the_busy():
    with (
        proxying(silent, "location / { proxy_pass http://%ORIGIN%; }") as server,
        Client(server.address) as busy,
        Client(server.address) as idle,
    ):
        busy.send(request(b"GET", b"/"))
        eventually(lambda: server.connections() == 2 and server.origin.peers, what="both")
        in_hub(server.acceptor.close_all)
        assert busy.closed()
        assert idle.closed()


def test_a_socket_can_be_adopted_and_released():
    with Inside("return 204;") as server:
        sock = socket.create_server(("127.0.0.1", 0))
        sock.setblocking(False)
        address = f"127.0.0.1:{sock.getsockname()[1]}"
        in_hub(server.acceptor.adopt, server.address, sock)
        assert get(address).status == 204
        in_hub(server.acceptor.release, server.address, sock)
        with Client(address) as client:
            client.send(request(b"GET", b"/"))
            assert get(server.address).status == 204
            assert server.connections() <= 1
            sock.close()


def test_a_unix_socket_has_no_address(tmp_path):
    path = tmp_path / "s"
    conf = f"server {{ listen unix:{path}; return 200 $remote_addr$remote_port; }}"
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen()
    sock.setblocking(False)
    with Inside(conf + "server { listen %PORT%; }") as server:
        in_hub(server.acceptor.adopt, f"unix:{path}", sock)
        assert get(f"unix:{path}").body == b"unix:"
    sock.close()


def test_an_ipv6_address_is_shown_as_such():
    conf = "server { listen %PORT%; return 200 $remote_addr; }"
    with Inside(conf) as server:
        sock = socket.create_server(("::1", 0), family=socket.AF_INET6)
        sock.setblocking(False)
        in_hub(server.acceptor.adopt, server.address, sock)
        assert get(f"[::1]:{sock.getsockname()[1]}").body == b"::1"
        in_hub(server.acceptor.release, server.address, sock)
        sock.close()


def test_the_facts_are_on_the_scoreboard():
    cells = columns.make(1).of(Row.FIRST_WORKER)

    def fact(cell):
        return cells.board.value(cells.row, cell)

    with Inside("return 204;", cells=cells) as server:
        with Client(server.address) as client:
            client.get()
            client.get()
            eventually(lambda: fact(Cell.WAITING) == 1, what="it is idle")
            assert [fact(cell) for cell in (Cell.ACCEPTED, Cell.HANDLED, Cell.ACTIVE)] == [1, 1, 1]
            assert (fact(Cell.REQUESTS), fact(Cell.WRITING)) == (2, 0)
        eventually(lambda: fact(Cell.ACTIVE) == 0, what="it is gone")
        assert fact(Cell.WAITING) == 0


def test_one_address_may_have_so_many_connections_and_no_more():
    with Inside("return 204;", http="connections_per_address 2;") as server:
        first, second = Client(server.address), Client(server.address)
        assert first.get().status == second.get().status == 204
        with Client(server.address) as third:
            assert third.closed()
        first.close()
        eventually(lambda: server.connections() == 1, what="one has gone")
        with Client(server.address) as fourth:
            assert fourth.get().status == 204
        second.close()


def test_nothing_is_accepted_while_there_is_too_much_memory():
    def waits(server):
        try:
            with Client(server.address, timeout=0.3) as client:
                return client.get() is None
        except TimeoutError:
            return True

    with Inside("return 204;", main="accept_memory_limit 1k;") as server:
        eventually(lambda: waits(server), what="it has looked")
