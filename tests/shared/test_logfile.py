import os

import pytest

from forkproxy.shared.logfile import FULL, LogError, LogFile, LogFiles


@pytest.fixture
def files():
    return LogFiles()


def test_lines_are_held_until_they_are_flushed(files, tmp_path):
    path = tmp_path / "log"
    log = files.open(str(path))
    log.write(b"one\n")
    assert path.read_bytes() == b""
    log.write(b"two\n")
    files.flush()
    assert path.read_bytes() == b"one\ntwo\n"


def test_much_is_written_by_itself(files, tmp_path):
    path = tmp_path / "log"
    log = files.open(str(path))
    line = b"x" * 1023 + b"\n"
    for _ in range(FULL // len(line)):
        log.write(line)
    assert path.stat().st_size == FULL


def test_a_path_is_one_file_however_often_it_is_opened(files, tmp_path):
    one = files.open(str(tmp_path / "log"))
    other = files.open(str(tmp_path / "." / "log"))
    assert one is other
    files.close(one)
    one.write(b"still\n")
    one.flush()
    files.close(one)
    assert (tmp_path / "log").read_bytes() == b"still\n"
    assert files.descriptors() == set()


def test_closing_writes_what_is_held(files, tmp_path):
    log = files.open(str(tmp_path / "log"))
    log.write(b"last\n")
    files.close(log)
    assert (tmp_path / "log").read_bytes() == b"last\n"


def test_what_is_written_after_the_end_goes_nowhere_else(files, tmp_path):
    file = files.open(str(tmp_path / "log"))
    number = file.fileno()
    reader, writer = os.pipe()
    files.close(file)
    os.dup2(writer, number)  # whoever opens something next may get the number
    file.write(b"late\n")
    file.flush()
    os.set_blocking(reader, False)
    with pytest.raises(BlockingIOError):
        os.read(reader, 10)
    assert file.dropped == 1
    for descriptor in (reader, writer, number):
        os.close(descriptor)


def test_a_reopened_file_has_the_same_descriptor_and_a_new_inode(files, tmp_path):
    path, old = tmp_path / "log", tmp_path / "log.1"
    log = files.open(str(path))
    log.write(b"before\n")
    descriptor = log.fileno()
    path.rename(old)
    assert files.reopen() == []
    log.write(b"after\n")
    log.flush()
    assert log.fileno() == descriptor
    assert (old.read_bytes(), path.read_bytes()) == (b"before\n", b"after\n")
    assert not os.get_inheritable(descriptor)


def test_a_copy_of_a_descriptor_moves_along(files, tmp_path):
    path, old = tmp_path / "log", tmp_path / "log.1"
    log = files.open(str(path))
    copy = os.open(os.devnull, os.O_WRONLY)
    files.copy(log, copy)
    path.rename(old)
    files.reopen()
    os.write(copy, b"crash\n")
    assert path.read_bytes() == b"crash\n"
    files.close(log)
    files.reopen()
    os.close(copy)


def test_where_it_cannot_be_reopened_the_old_one_goes_on(files, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    log = files.open(str(folder / "log"))
    folder.rename(tmp_path / "moved")
    (failure,) = files.reopen()
    assert "failed (2: No such file or directory)" in failure
    log.write(b"on\n")
    log.flush()
    assert (tmp_path / "moved" / "log").read_bytes() == b"on\n"


def test_processes_append_and_do_not_overwrite(files, tmp_path):
    path = tmp_path / "log"
    log = files.open(str(path))
    other = LogFiles().open(str(path))
    for number in range(50):
        log.write(b"one %d\n" % number)
        other.write(b"other %d\n" % number)
        log.flush()
        other.flush()
    assert len(path.read_bytes().splitlines()) == 100


def test_a_log_that_cannot_be_written_counts_what_it_loses():
    log = LogFile("/dev/full", os.open("/dev/full", os.O_WRONLY))
    log.write(b"one\n")
    log.write(b"two\n")
    log.flush()
    assert log.dropped == 2
    os.close(log.fileno())


def test_a_path_that_cannot_be_opened_is_told_as_nginx_tells_it(files, tmp_path):
    with pytest.raises(LogError, match=r'open\(\) ".*missing/log" failed \(2: No such file'):
        files.open(str(tmp_path / "missing" / "log"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_files_can_be_given_to_another_user(files, tmp_path):
    files.open(str(tmp_path / "log"))
    files.give_to(65534, 65534)
    assert (tmp_path / "log").stat().st_uid == 65534
