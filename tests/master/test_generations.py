import gc
import socket

import pytest

from forkproxy.errors import ConfigError
from tests.support.holdings import House
from tests.support.sockets import connect, free_port


@pytest.fixture
def house(tmp_path):
    with House(tmp_path, workers=2) as house:
        yield house


def test_a_generation_is_told_with_what_the_supervisor_decides_by(house):
    loaded = house.holdings.generations.prepare(1)
    assert (loaded.number, loaded.workers, loaded.own_sockets) == (1, 2, False)
    assert loaded.shutdown_timeout == 600.0
    assert loaded.text == f"generation 1, 2 workers, 127.0.0.1:{house.port}"
    connect(f"127.0.0.1:{house.port}").close()


def test_what_cannot_be_loaded_leaves_everything_as_it_was(house):
    house.serve()
    house.write(ports=[house.port], error="unknown directive")
    with pytest.raises(ConfigError, match="unknown directive"):
        house.holdings.generations.prepare(2)
    assert house.holdings.generations.serving() is house.loaded[0]


def test_a_generation_that_cannot_listen_is_closed_again(house):
    port = free_port()
    house.write(ports=[port, house.port])
    taken = socket.create_server(("127.0.0.1", house.port))
    with taken, pytest.raises(ConfigError, match="listens there"):
        house.holdings.generations.prepare(1)
    assert house.loaded[0].closed
    with pytest.raises(ConnectionRefusedError):
        connect(f"127.0.0.1:{port}")


def test_listeners_that_only_old_generations_want_are_closed_at_the_commit(house):
    house.serve()
    other = free_port()
    house.write(ports=[other])
    house.holdings.generations.prepare(2)
    connect(f"127.0.0.1:{house.port}").close()
    house.holdings.situation.generation = 2
    house.holdings.generations.commit(2)
    connect(f"127.0.0.1:{other}").close()
    with pytest.raises(ConnectionRefusedError):
        connect(f"127.0.0.1:{house.port}")


def test_listeners_of_a_generation_that_was_given_up_are_closed(house):
    house.serve()
    other = free_port()
    house.write(ports=[house.port, other])
    house.holdings.generations.prepare(2)
    connect(f"127.0.0.1:{other}").close()
    house.holdings.generations.retire(2)
    with pytest.raises(ConnectionRefusedError):
        connect(f"127.0.0.1:{other}")


def test_before_the_first_there_are_neither_settings_nor_certificates(house):
    assert house.holdings.generations.settings() is None
    assert house.holdings.generations.certificates() == ()


def test_a_slot_more_has_a_socket_of_its_own_where_each_has_one(tmp_path):
    with House(tmp_path, reuseport=True) as house:
        house.serve()
        generations = house.holdings.generations
        generations.bind_slot(1, 1)
        ((text, descriptor),) = generations.own_sockets(1)
        ((_, other),) = generations.own_sockets(0)
        assert text == f"127.0.0.1:{house.port}"
        assert descriptor != other


def test_what_is_there_is_kept_out_of_collections(house):
    gc.unfreeze()
    house.holdings.generations.prepare(1)
    assert gc.get_freeze_count() > 0
    gc.unfreeze()
