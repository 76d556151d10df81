"""Lines of a log that are held back."""

import gzip
import os

import pytest

from forkproxy.shared.logbuffer import LogBuffer
from forkproxy.shared.logfile import LogFiles


@pytest.fixture
def files():
    return LogFiles()


class Clock:
    """Keeps what is to be called later."""

    def __init__(self):
        self.calls = []

    def later(self, seconds, function):
        self.calls.append((seconds, function))


def buffer(files, path, size=10, flush=None, level=0):
    clock = Clock()
    file = files.open(str(path))
    return LogBuffer(file, size, flush, level, clock.later), file, clock


def test_lines_wait_until_there_are_enough(files, tmp_path):
    log, _, _ = buffer(files, tmp_path / "a")
    log.write(b"one\n")
    log.write(b"two\n")
    assert (tmp_path / "a").read_bytes() == b""
    log.write(b"three\n")
    assert (tmp_path / "a").read_bytes() == b"one\ntwo\n"


def test_a_line_longer_than_the_buffer_goes_at_once(files, tmp_path):
    log, _, _ = buffer(files, tmp_path / "a")
    log.write(b"a line of some length\n")
    assert (tmp_path / "a").read_bytes() == b"a line of some length\n"


def test_lines_wait_no_longer_than_they_may(files, tmp_path):
    log, _, clock = buffer(files, tmp_path / "a", flush=2.0)
    log.write(b"one\n")
    ((seconds, function),) = clock.calls
    function()
    assert seconds == 2.0
    assert (tmp_path / "a").read_bytes() == b"one\n"


def test_a_timer_of_lines_that_are_gone_leaves_newer_ones(files, tmp_path):
    log, _, clock = buffer(files, tmp_path / "a", flush=2.0)
    log.write(b"one\n")
    log.flush()
    log.write(b"two\n")
    clock.calls[0][1]()
    assert (tmp_path / "a").read_bytes() == b"one\n"


def test_each_block_is_compressed_by_itself(files, tmp_path):
    log, _, _ = buffer(files, tmp_path / "a", level=1)
    for line in (b"one\n", b"two\n", b"three\n"):
        log.write(line)
    log.flush()
    assert gzip.decompress((tmp_path / "a").read_bytes()) == b"one\ntwo\nthree\n"


def test_what_is_held_is_written_before_the_file_is_another(files, tmp_path):
    log, _, _ = buffer(files, tmp_path / "a")
    log.write(b"one\n")
    os.rename(tmp_path / "a", tmp_path / "b")
    files.reopen()
    assert (tmp_path / "b").read_bytes() == b"one\n"


def test_what_is_held_is_written_at_the_end(files, tmp_path):
    log, _, _ = buffer(files, tmp_path / "a")
    log.write(b"one\n")
    files.finish()
    assert (tmp_path / "a").read_bytes() == b"one\n"
