import argparse

import pytest

from forkproxy.cli import renew
from forkproxy.cli.ctl import OrderError


def options(**given):
    base = {"socket": "/nowhere", "pid": None, "name": None, "all": False, "revoke": False}
    return argparse.Namespace(**(base | given))


def test_it_has_to_be_said_which():
    with pytest.raises(OrderError, match="say which"):
        renew.run(options())


def test_without_a_control_socket_nobody_can_be_told():
    with pytest.raises(OrderError, match="the control socket is off"):
        renew.run(options(socket=None, pid="/nowhere", name="a.test"))
