import os
import select
import signal
import threading

import pytest

from forkproxy.shared import signals
from forkproxy.shared.signals import Signals


@pytest.fixture
def restored():
    """Put the handlers of this process back afterwards."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGUSR2)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_signals_can_be_read_in_the_order_they_came(restored):
    heard = Signals([signal.SIGUSR1, signal.SIGUSR2])
    assert heard.take() == []
    os.kill(os.getpid(), signal.SIGUSR2)
    os.kill(os.getpid(), signal.SIGUSR1)
    assert select.select([heard], [], [], 5)[0]
    assert heard.take() == [signal.SIGUSR2, signal.SIGUSR1]
    heard.close()


def test_ignored_signals_are_not_heard(restored):
    heard = Signals([signal.SIGUSR1], ignored=[signal.SIGUSR2])
    os.kill(os.getpid(), signal.SIGUSR2)
    assert heard.take() == []
    heard.close()


def test_held_signals_come_when_they_are_released(restored):
    heard = Signals([signal.SIGUSR1])
    signals.hold()
    # Of this thread alone: another one of the tests' process would take what this one holds.
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
    assert heard.take() == []
    signals.release()
    assert heard.take() == [signal.SIGUSR1]
    heard.close()


def test_closing_twice_is_closing_once(restored):
    heard = Signals([signal.SIGUSR1])
    heard.close()
    heard.close()
