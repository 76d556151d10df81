"""An environment: one process opens it, once, and what is under way when it is closed ends well."""

import subprocess
import sys
import threading

import pytest

from forkproxy.errors import StoreError
from forkproxy.shared.environment import BrokenError, Environment, FullError
from forkproxy.shared.tables import CacheStore
from tests.support.eventually import eventually
from tests.support.master import ROOT

SIZE = 1024 * 1024


@pytest.fixture
def environment(tmp_path):
    made = Environment(tmp_path, SIZE, durable=False)
    yield made
    made.close()


def in_a_fork(work):
    """Run a script with `environment` open in `folder`; return what its child writes."""
    script = f"""
import os, sys, tempfile
from pathlib import Path
from forkproxy.errors import StoreError
from forkproxy.shared.environment import Environment
folder = Path(tempfile.mkdtemp())
environment = Environment(folder, {SIZE}, durable=False)
environment.change({{b"a": b"1"}})
if os.fork() == 0:
    try:
        {work}
    except StoreError as error:
        print(error, flush=True)
    os._exit(0)
os.wait()
environment.change({{b"b": b"2"}})
assert environment.items(b"") == [(b"a", b"1"), (b"b", b"2")]
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "work",
    [
        "environment.get(b'a')",
        "environment.change({b'x': b'y'})",
        "environment.items(b'')",
        "environment.forget_dead_readers()",
    ],
)
def test_one_that_was_inherited_is_refused_and_its_owner_goes_on(work):
    assert "is another process's" in in_a_fork(work)


def test_a_child_may_open_the_same_folder_and_let_go_of_what_it_inherited():
    work = "del environment; print(Environment(folder, 1048576, durable=False).get(b'a'))"
    assert in_a_fork(work) == "b'1'\n"


def test_a_folder_is_not_opened_twice(tmp_path, environment):
    with pytest.raises(StoreError, match="is open"):
        Environment(tmp_path, SIZE, durable=False)


def test_a_closed_one_is_refused_and_may_be_opened_again(tmp_path, environment):
    environment.close()
    environment.close()
    with pytest.raises(StoreError, match="is closed"):
        environment.get(b"a")
    Environment(tmp_path, SIZE, durable=False).close()


def test_what_makes_no_sense_is_broken(tmp_path):
    (tmp_path / "data.mdb").write_bytes(b"no pages of LMDB" * 1024)
    with pytest.raises(BrokenError, match="cannot open the store"):
        Environment(tmp_path, SIZE, durable=False)
    (tmp_path / "data.mdb").unlink()
    Environment(tmp_path, SIZE, durable=False).close()


def test_a_folder_that_is_not_there_is_a_store_error(tmp_path):
    with pytest.raises(StoreError, match="No such file"):
        Environment(tmp_path / "none", SIZE, durable=False)


def test_no_room_is_said_and_what_is_there_is_good(environment):
    environment.change({b"a": b"1"})
    with pytest.raises(FullError, match="MDB_MAP_FULL"):
        environment.change({b"%d" % number: b"x" * 60000 for number in range(100)})
    assert environment.items(b"") == [(b"a", b"1")]
    environment.change({b"b": b"2"})


@pytest.mark.parametrize(
    "ask",
    [
        lambda environment: environment.get(b""),
        lambda environment: environment.change({}, delete=[b""]),
        lambda environment: environment.change({b"x" * 600: b"too long"}),
    ],
)
def test_a_key_that_lmdb_does_not_take_is_a_store_error(environment, ask):
    with pytest.raises(StoreError, match="MDB_BAD_VALSIZE"):
        ask(environment)


def test_many_reads_leave_no_transaction_behind(environment):
    for number in range(3000):  # more than there may be readers
        assert environment.get(b"%d" % number) is None
        assert environment.items(b"x") == []


def test_who_writes_does_not_begin_again(tmp_path):
    refused = pytest.raises(StoreError, match="is being written to")
    with CacheStore(tmp_path, SIZE) as opened, opened.writing(), refused:
        opened.writing()


def test_it_is_closed_when_the_last_transaction_is_over(tmp_path):
    opened = CacheStore(tmp_path, SIZE)
    with opened.writing() as tables:
        tables.entries.put(b"a", b"1")
        opened.close()
        with pytest.raises(StoreError, match="is closed"):
            opened.reading()
        with pytest.raises(StoreError, match="is open"):
            CacheStore(tmp_path, SIZE)
    with CacheStore(tmp_path, SIZE) as again, again.reading() as tables:
        assert tables.entries.get(b"a") == b"1"


def test_one_is_closed_while_another_thread_waits_to_write(tmp_path):
    opened = CacheStore(tmp_path, SIZE)
    began, outcome = threading.Event(), []

    def write():
        began.set()
        try:
            with opened.writing() as tables:
                tables.entries.put(b"late", b"1")
            outcome.append("written")
        except StoreError as error:
            outcome.append(str(error))

    writer = threading.Thread(target=write)
    with opened.writing():
        writer.start()
        began.wait()
        opened.close()
    eventually(lambda: outcome)
    writer.join()
    assert outcome == ["written"] or "is closed" in outcome[0]
    CacheStore(tmp_path, SIZE).close()


def test_who_waits_to_write_holds_nobody_else_up(tmp_path):
    with CacheStore(tmp_path, SIZE) as opened:
        ended = threading.Event()

        def write():
            with opened.writing():
                ended.set()

        with opened.writing() as tables:
            writer = threading.Thread(target=write)
            writer.start()
            # The interpreter's lock is free, else nobody would come this far.
            tables.entries.put(b"a", b"1")
            assert not ended.wait(0.05)
        writer.join()
        assert ended.is_set()
