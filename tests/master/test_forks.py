import os
import signal
import time

from forkproxy.master import forks


def code_of(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_a_child_exits_with_what_its_life_returns():
    assert code_of(forks.child(lambda: 7)) == 7


def test_a_child_whose_life_raises_exits_with_3():
    def live():
        raise SystemExit

    assert code_of(forks.child(live)) == 3


def test_a_question_is_answered_by_a_process_that_is_gone_then():
    answer = forks.ask("nothing", lambda: {"pid": os.getpid()}, 10.0)
    assert answer["pid"] != os.getpid()
    assert not os.path.exists(f"/proc/{answer['pid']}")


def test_a_question_that_brings_out_an_error_has_no_answer():
    assert forks.ask("nothing", lambda: {"one": 1 / 0}, 10.0) is None


def test_a_question_that_takes_too_long_has_no_answer():
    began_at = time.monotonic()
    assert forks.ask("nothing", lambda: signal.pause() or {}, 0.05) is None
    assert time.monotonic() - began_at < 5.0


def test_who_is_gone_gets_no_signal():
    pid = forks.child(lambda: 0)
    code_of(pid)
    forks.kill(pid, signal.SIGKILL)
