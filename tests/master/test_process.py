"""The shell of the master; what it does with real processes is in tests/system."""

import pytest

from forkproxy.errors import ConfigError
from forkproxy.master import process
from tests.support.echo import EchoAcceptor, load_from
from tests.support.sockets import connect, free_port


def test_what_cannot_be_loaded_is_told_before_anything_is_forked():
    def load(_number):
        raise ConfigError("unknown directive")

    with pytest.raises(ConfigError, match="unknown directive"):
        process.run(load, EchoAcceptor)


def test_a_generation_that_cannot_listen_is_closed_again(tmp_path):
    port = free_port()
    (tmp_path / "conf.json").write_text(f'{{"ports": [{port}, 1]}}')
    load = load_from(tmp_path)
    closed = []

    def loading(number):
        generation = load(number)
        generation.listens = (generation.listens[0], strange(generation.listens[1]))
        generation.close = lambda: closed.append(number)
        return generation

    with pytest.raises(ConfigError, match="no such address"):
        process.run(loading, EchoAcceptor)
    assert closed == [1]
    with pytest.raises(ConnectionRefusedError):
        connect(f"127.0.0.1:{port}")


def strange(listen):
    """Return an address that is not this machine's."""
    return type(listen)(listen.family, "203.0.113.9", 80, "", "203.0.113.9:80")
