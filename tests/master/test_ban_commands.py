"""Bans are listed and lifted on the control socket."""

import pytest

from forkproxy.master import commands
from forkproxy.shared import bans
from tests.support.administration import Master


def run(*words):
    return commands.run(Master(), words, 7)


@pytest.fixture
def zone():
    table = bans.of("test-bans")
    table.add(b"\x7f\0\0\1", 60.0)
    yield table
    for tag, _, _ in table.banned():
        table.lift(tag)


def test_bans_are_listed(zone):
    rows = [row for row in run("bans").data["bans"] if row["zone"] == zone.name]
    assert rows == [{"zone": "test-bans", "key": "127.0.0.1", "seconds": 60}]
    assert "test-bans 127.0.0.1 60s" in run("bans").text


def test_a_ban_is_lifted_by_what_is_shown(zone):
    assert run("unban", "test-bans", "127.0.0.1").data["key"] == "127.0.0.1"
    assert zone.banned() == []


def test_what_is_not_banned_cannot_be_lifted(zone):
    assert run("unban", "test-bans", "127.0.0.2").status == 404
    assert run("unban", "none", "127.0.0.1").status == 404
