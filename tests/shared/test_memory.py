"""Shared memory of many writers."""

import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forkproxy.shared.memory import SharedMemory, number


def test_words_are_zero_at_first():
    memory = SharedMemory(mmap.PAGESIZE)
    assert [memory.value(index) for index in (0, 1, mmap.PAGESIZE - 1)] == [0, 0, 0]


def test_there_is_nothing_beyond_the_last_word():
    with pytest.raises(IndexError):
        SharedMemory(8).value(8)


@given(st.binary(max_size=80))
def test_the_number_of_octets_is_always_the_same(octets):
    assert number(octets) == number(bytes(bytearray(octets)))
    assert 0 <= number(octets) < 2**64


def test_keys_that_differ_little_have_numbers_that_differ_much():
    found = {number(b"http://example.com/%d" % index) & 0xFFFF for index in range(1000)}
    assert len(found) > 950
