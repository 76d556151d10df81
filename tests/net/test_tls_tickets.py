"""Ticket keys are the same in all processes, and change with time."""

import pytest

from forkproxy.net.tls_tickets import TicketKeys, shared_keys
from tests.support.eventually import eventually


def test_given_keys_stay_and_the_first_seals():
    keys = TicketKeys(given=[b"1" * 48, b"2" * 80])
    assert keys.names() == [b"1" * 16, b"2" * 16]
    assert keys.period == 0.0


@pytest.mark.parametrize("size", [0, 47, 64, 81])
def test_a_key_of_another_size_is_refused(size):
    with pytest.raises(ValueError, match="48 or 80"):
        TicketKeys(given=[b"k" * size])


def test_our_own_keys_are_of_this_period():
    keys = TicketKeys(3600.0)
    assert keys.names() == keys.names()
    assert keys.names() != TicketKeys(3600.0).names()


def test_the_key_of_the_period_before_still_opens():
    keys = TicketKeys(1.0)
    (first, *_) = keys.names()
    eventually(lambda: keys.names()[0] != first, what="the next key")
    assert first in keys.names() or len(keys.names()) == 2


def test_the_next_generation_goes_on_with_the_keys_of_the_last():
    assert shared_keys("a zone", 60.0) is shared_keys("a zone", 60.0)
    assert shared_keys("a zone", 60.0) is not shared_keys("another", 60.0)
