import pytest

from forkproxy.errors import ConfigError
from forkproxy.master import main
from tests.support.echo import EchoAcceptor


def test_what_cannot_be_loaded_is_told_before_anything_is_forked():
    def load(_number):
        raise ConfigError("unknown directive")

    with pytest.raises(ConfigError, match="unknown directive"):
        main.run(load, EchoAcceptor)


@pytest.mark.parametrize("text", ["{", "[1]", '[["a:80", -1, 9999]]'])
def test_listeners_that_no_master_wrote_are_refused(text, monkeypatch):
    monkeypatch.setenv("FORKPROXY_LISTENERS", text)
    with pytest.raises(ConfigError, match="is not what a master writes"):
        main.run(lambda _number: None, EchoAcceptor)
