import socket

from loadtest.address import free_ports, wait_open


def test_free_ports_differ_and_can_be_bound():
    ports = free_ports(5)
    assert len(set(ports)) == 5
    for port in ports:
        with socket.create_server(("127.0.0.1", port)):
            pass


def test_a_port_is_open_once_somebody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert wait_open([listener.getsockname()[1]], alive=lambda: True)


def test_nobody_waits_for_the_port_of_a_dead_program():
    assert not wait_open(free_ports(1), alive=lambda: False)
