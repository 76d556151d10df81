"""Shared memory of many writers: words changed by atomic steps, so that nobody holds a lock.

Made by the master before it forks.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.errno cimport errno
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

import os

from forkproxy.shared.atomics cimport word_acquire, word_add, word_release, word_swap
from forkproxy.shared.pages cimport release_pages, share_pages

cdef uint64_t MIX = 0x9E3779B97F4A7C15ULL
cdef uint64_t OTHER_MIX = 0xD6E8FEB86659FD93ULL


cdef class SharedMemory:

    def __cinit__(self, size_t count):
        cdef void* found = share_pages(count * sizeof(uint64_t))
        if found == NULL:
            raise OSError(errno, f"no room for shared memory: {os.strerror(errno)}")
        self.words = <uint64_t*> found
        self.count = count

    def value(self, size_t index):
        """Return one word; IndexError where there is none."""
        if index >= self.count:
            raise IndexError(f"no word {index} in shared memory")
        return load(self.words + index)

    def __dealloc__(self):
        if self.words != NULL:
            release_pages(self.words, self.count * sizeof(uint64_t))


cdef uint64_t load(uint64_t* at) noexcept nogil:
    return word_acquire(at)


cdef void store(uint64_t* at, uint64_t value) noexcept nogil:
    word_release(at, value)


cdef bint swap(uint64_t* at, uint64_t old, uint64_t new) noexcept nogil:
    return word_swap(at, &old, new)


cdef uint64_t add(uint64_t* at, uint64_t amount) noexcept nogil:
    return word_add(at, amount)


cdef uint64_t number_of(const char* octets, Py_ssize_t length) noexcept nogil:
    """Eight octets a step: multiply and fold, as wyhash and its kin do; not for secrets."""
    cdef uint64_t number = <uint64_t> length * MIX
    cdef uint64_t word
    while length >= 8:
        memcpy(&word, octets, 8)
        number = (number ^ word) * MIX
        number ^= number >> 32
        octets += 8
        length -= 8
    word = 0
    memcpy(&word, octets, length)
    number = (number ^ word) * OTHER_MIX
    number ^= number >> 29
    number *= MIX
    return number ^ (number >> 32)


def number(bytes octets not None):
    """Return number_of these octets."""
    return number_of(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))
