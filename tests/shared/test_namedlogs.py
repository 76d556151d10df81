"""Logs whose names are known when a line is written."""

import os

import pytest

from forkproxy.config.directives.log import LogFileCache
from forkproxy.shared.logfile import files
from forkproxy.shared.namedlogs import NamedLogs
from tests.support.clock import StoppedClock


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").mkdir()
    return tmp_path / "a"


def opened():
    """Return the names of the logs that are open."""
    return {os.path.basename(os.readlink(f"/proc/self/fd/{fd}")) for fd in files.descriptors()}


def made(folder, most=0, **settings):
    clock = StoppedClock()
    cache = LogFileCache(most, **settings) if most else None
    return NamedLogs(str(folder), cache, clock.monotonic), clock


def move(folder):
    """Take the folder away: what is not open now cannot be opened."""
    folder.rename(folder.with_name("moved"))


def read(folder, name):
    files.flush()
    moved = folder.with_name("moved")
    return ((moved if moved.exists() else folder) / name).read_bytes()


def test_without_a_cache_nothing_stays_open(folder):
    logs, _ = made(folder)
    for name in (b"one", b"two", b"one"):
        logs.write(name, b"line\n")
    assert read(folder, "one") == b"line\n" * 2
    assert opened().isdisjoint({"one", "two"})


def test_the_files_used_last_stay_open(folder):
    logs, _ = made(folder, most=2)
    for name in (b"one", b"two", b"one", b"three"):
        logs.write(name, b"1\n")
    assert {"one", "three"} <= opened()
    assert "two" not in opened()
    move(folder)
    for name in (b"one", b"two", b"three"):
        logs.write(name, b"2\n")
    assert [read(folder, name) for name in ("one", "two", "three")] == [
        b"1\n1\n2\n",
        b"1\n",
        b"1\n2\n",
    ]


def test_one_that_cannot_be_opened_takes_nobodys_place(folder):
    logs, _ = made(folder, most=1)
    logs.write(b"one", b"line\n")
    logs.write(b"none/there", b"line\n")
    logs.write(b"with\0nul", b"line\n")
    assert "one" in opened()


def test_one_stays_open_only_when_it_is_used_often_enough(folder):
    logs, clock = made(folder, most=9, min_uses=2, inactive=10.0)
    logs.write(b"often", b"1\n")
    assert "often" not in opened()
    clock.advance(11)
    logs.write(b"often", b"2\n")
    assert "often" not in opened()
    logs.write(b"often", b"3\n")
    assert "often" in opened()
    assert read(folder, "often") == b"1\n2\n3\n"


def test_one_that_nobody_uses_is_closed(folder):
    logs, clock = made(folder, most=9, inactive=10.0)
    logs.write(b"one", b"1\n")
    clock.advance(9)
    logs.write(b"two", b"1\n")
    assert "one" in opened()
    clock.advance(2)
    logs.write(b"two", b"1\n")
    assert "one" not in opened()


def test_a_name_that_is_another_file_by_now_is_opened_anew(folder):
    logs, clock = made(folder, most=9, valid=5.0, inactive=99.0)
    logs.write(b"one", b"1\n")
    (folder / "one").rename(folder / "old")
    logs.write(b"one", b"2\n")
    clock.advance(5)
    logs.write(b"one", b"3\n")
    assert read(folder, "old") == b"1\n2\n"
    assert read(folder, "one") == b"3\n"


@pytest.fixture(autouse=True)
def _closed():
    before = set(files.descriptors())
    yield
    for file in list(files._files.values()):
        if file.fileno() not in before:
            files.close(file)
