import socket

import psutil

from forkproxy.master.births import Births
from forkproxy.master.events import ForkFailed, Role, Spawn
from tests.support.echo import EchoAcceptor
from tests.support.holdings import House
from tests.support.master import EchoMaster


def test_a_worker_whose_sockets_cannot_be_opened_is_not_born(tmp_path):
    with House(tmp_path, reuseport=True) as house:
        house.serve()
        house.holdings.listeners.close()
        births = Births(house.holdings, EchoAcceptor, lambda _generation: None)
        with socket.create_server(("127.0.0.1", house.port)):
            event = births.spawn(Spawn(Role.WORKER, 1, 1, 3))
    assert isinstance(event, ForkFailed)
    assert "listens there" in event.text


def test_a_child_has_its_own_sockets_and_no_other():
    with EchoMaster(workers=2, reuseport=True) as master:
        workers = [psutil.Process(int(row["pid"])) for row in master.workers()]
        listening = [
            [one for one in worker.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
            for worker in workers
        ]
        assert [len(found) for found in listening] == [1, 1]
        (keeper,) = (
            child for child in psutil.Process(master.pid).children() if child not in workers
        )
        assert not [one for one in keeper.net_connections("tcp") if one.status == "LISTEN"]
