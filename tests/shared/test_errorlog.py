import os
import re

import pytest

from forkproxy.shared.errorlog import NAMES, ErrorLog, Level, Target
from forkproxy.shared.logfile import LogFiles


@pytest.fixture
def open_log(tmp_path):
    """Return a function that makes a log of a level, and one that reads what is in it."""
    files = LogFiles()

    def make(level=Level.ERROR, name="error.log"):
        log = ErrorLog()
        log.send_to([Target(files.open(str(tmp_path / name)), level)])
        return log

    return make, lambda name="error.log": (tmp_path / name).read_text()


def test_a_line_is_written_in_the_form_of_nginx(open_log):
    make, read = open_log
    make().write(Level.ERROR, "connect() failed", connection=5)
    stamp = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"
    assert re.fullmatch(rf"{stamp} \[error\] {os.getpid()}#0: \*5 connect\(\) failed\n", read())


def test_without_a_connection_there_is_no_star(open_log):
    make, read = open_log
    make().alert("worker process 1 exited on signal 9")
    assert f"[alert] {os.getpid()}#0: worker process" in read()


def test_lines_beyond_the_level_are_not_written(open_log):
    make, read = open_log
    log = make(Level.WARN)
    for level in Level:
        log.write(level, level.name)
    assert [line.split()[-1] for line in read().splitlines()] == [
        "EMERG",
        "ALERT",
        "CRIT",
        "ERROR",
        "WARN",
    ]
    assert log.wants(Level.WARN)
    assert not log.wants(Level.NOTICE)


def test_each_target_has_its_own_level(tmp_path):
    files = LogFiles()
    log = ErrorLog()
    names = {"all": Level.DEBUG, "few": Level.CRIT}
    log.send_to([Target(files.open(str(tmp_path / name)), level) for name, level in names.items()])
    log.error("something")
    assert "something" in (tmp_path / "all").read_text()
    assert (tmp_path / "few").read_text() == ""
    assert len(log.targets) == 2


def test_what_a_client_sent_cannot_forge_a_line(open_log):
    make, read = open_log
    make().error("bad header: \r\n2026/01/01 00:00:00 [emerg] 1#0: forged")
    assert read().count("\n") == 1


def test_octets_that_are_no_text_come_through(open_log, tmp_path):
    make, _ = open_log
    make().error(b"\xff\xfe".decode("utf-8", "surrogateescape"))
    assert b"\xff\xfe" in (tmp_path / "error.log").read_bytes()


def test_a_bug_is_written_with_its_traceback(open_log):
    make, read = open_log
    try:
        raise RuntimeError("no such luck")
    except RuntimeError as error:
        make().bug("while serving", error)
    lines = read().splitlines()
    assert lines[0].endswith("while serving: RuntimeError('no such luck')")
    assert any("test_errorlog.py" in line for line in lines)


def test_a_report_without_an_exception_is_one_line(open_log):
    make, read = open_log
    make().bug("accept() failed", None)
    assert read().count("\n") == 1


def test_without_targets_nothing_is_wanted():
    log = ErrorLog()
    log.send_to([])
    assert not log.wants(Level.EMERG)
    log.emerg("nowhere")
    assert log.descriptor() == 2


def test_nginx_names_all_levels():
    assert list(NAMES) == ["emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"]
