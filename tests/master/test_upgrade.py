import os

import pytest

from forkproxy.master import upgrade
from forkproxy.shared.channel import pair


def test_without_an_old_master_there_is_no_channel(monkeypatch):
    monkeypatch.delenv(upgrade.PREDECESSOR, raising=False)
    assert upgrade.predecessor() is None


def test_the_channel_of_the_old_master_is_found_once(monkeypatch):
    one, other = pair()
    monkeypatch.setenv(upgrade.PREDECESSOR, str(os.dup(other.fileno())))
    one.send({"kept": {"x": "1"}})
    found = upgrade.predecessor()
    assert upgrade.read_kept(found) == {"x": "1"}
    assert upgrade.predecessor() is None
    for end in (one, other, found):
        end.close()


def test_a_channel_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv(upgrade.PREDECESSOR, "9999")
    with pytest.raises(upgrade.UpgradeError):
        upgrade.predecessor()


def test_an_old_master_that_says_nothing_has_ordered_nothing():
    one, other = pair()
    assert upgrade.read_kept(other) == {}
    one.close()
    assert upgrade.read_kept(other) == {}
    other.close()
