import os
import signal
import subprocess
import sys

import pytest

from forkproxy.errors import StoreError
from forkproxy.shared import store
from tests.support.master import ROOT


@pytest.fixture
def state(tmp_path):
    state = store.open_state(tmp_path)
    yield state
    state.close()


def test_what_is_stored_is_there_after_a_restart(tmp_path):
    state = store.open_state(tmp_path)
    state.change({b"a": b"1", b"b": b"2"})
    state.close()
    state = store.open_state(tmp_path)
    assert state.get(b"a") == b"1"
    assert state.get(b"c") is None
    state.close()


def test_a_change_stores_and_deletes_at_once(state):
    state.change({b"a": b"1", b"b": b"2"})
    state.change({b"b": b"3"}, delete=[b"a", b"nothing"])
    assert state.items(b"") == [(b"b", b"3")]


def test_items_are_those_of_a_prefix_in_order(state):
    state.change({b"x/2": b"", b"x/1": b"", b"w": b"", b"y": b""})
    assert [key for key, _ in state.items(b"x/")] == [b"x/1", b"x/2"]


def test_a_change_that_fails_changes_nothing(state):
    with pytest.raises(StoreError):
        state.change({b"good": b"1", b"x" * 600: b"key too long"})
    assert state.get(b"good") is None


def test_what_was_read_is_a_copy(state):
    state.change({b"a": b"old"})
    value = state.get(b"a")
    for number in range(100):
        state.change({b"a": b"%d" % number})
    assert value == b"old"


def test_the_folder_is_ours_alone(tmp_path, state):
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot open the store"):
        store.open_state(tmp_path / "file")


def test_a_full_store_says_so_and_goes_on(tmp_path):
    cache = store.open_cache(tmp_path, 1024 * 1024)
    with pytest.raises(StoreError, match="MDB_MAP_FULL"):
        for number in range(100):
            cache.change({b"%d" % number: b"x" * 60000})
    assert cache.get(b"0") == b"x" * 60000
    cache.change({}, delete=[b"0"])
    cache.close()


def test_a_cache_of_another_size_is_thrown_away(tmp_path):
    cache = store.open_cache(tmp_path, 1024 * 1024)
    cache.change({b"a": b"1"})
    cache.close()
    cache = store.open_cache(tmp_path, 2 * 1024 * 1024)
    assert cache.get(b"a") is None
    assert len(list(tmp_path.iterdir())) == 1
    cache.close()


def test_dead_readers_are_forgotten(tmp_path, state):
    script = f"""
import lmdb, os, signal
env = lmdb.open({str(next(tmp_path.iterdir()))!r}, max_readers=1022)
transaction = env.begin()
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    assert state.forget_dead_readers() == 1
    assert state.forget_dead_readers() == 0


def test_a_process_that_keeps_out_opens_nothing_but_its_children_do(tmp_path):
    script = f"""
import os
from pathlib import Path
from forkproxy.errors import StoreError
from forkproxy.shared import environment, store
environment.keep_out()
try:
    store.open_state(Path({str(tmp_path)!r}))
    os._exit(1)
except StoreError:
    pass
if os.fork() == 0:
    store.open_state(Path({str(tmp_path)!r})).close()
    os._exit(0)
os._exit(os.wait()[1])
"""
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, cwd=ROOT).returncode == 0
    assert os.listdir(tmp_path)
