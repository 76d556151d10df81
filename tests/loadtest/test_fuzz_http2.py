import random

import hyperframe.exceptions
import pytest

from forkproxy.wire.h2 import Session
from forkproxy.wire.head_limits import HeadLimits
from loadtest.fuzz import bent, search
from loadtest.fuzz_http2 import PREFACE, Choices, one, parsed, seeds

PING = b"\0\0\x08\x06\0\0\0\0\0" + b"12345678"


def test_clients_of_all_kinds_break_nothing():
    assert search(bent(seeds(), random.Random(7)), 2, one) > 20


def test_choices_are_below_their_limit_and_0_when_all_are_used_up():
    choices = Choices(b"\xff\xff")
    assert choices.left
    assert choices.below(10) == 5
    assert choices.some(20) == b"\xff"
    assert not choices.left
    assert (choices.below(10), choices.size(1000)) == (0, 0)


def test_what_the_session_says_is_whole_frames():
    session = Session(HeadLimits())
    session.receive(PREFACE + PING)
    said = session.to_send()
    parsed(said)
    with pytest.raises(hyperframe.exceptions.InvalidFrameError):
        parsed(said[:-1])


def test_a_push_would_be_a_finding():
    with pytest.raises(AssertionError, match="a push"):
        parsed(b"\0\0\x04\x05\x04\0\0\0\x01\0\0\0\x02")
