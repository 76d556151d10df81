"""A ring of short records in shared memory, written by any process and read by who wants to know.

A writer takes the next place by one atomic step and fills it; one that is read in this very moment
may be half of another, so what is read is for people.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

from forkproxy.shared.memory cimport SharedMemory, add, load, store

DEF WORDS = 64              # of a record: three numbers, then text
DEF FRONT = 3
DEF TEXT = 488              # octets


cdef class Journal:

    def __init__(self, uint64_t records):
        """Make room for so many; older ones are written over."""
        self.records = records
        self.memory = SharedMemory(WORDS * (records + 1))

    cdef void write(self, uint64_t number, double now, bytes text) noexcept:
        cdef uint64_t turn = add(self.memory.words, 1)
        cdef uint64_t* at = self.memory.words + WORDS * (1 + turn % self.records)
        cdef Py_ssize_t length = min(PyBytes_GET_SIZE(text), <Py_ssize_t> TEXT)
        store(at + 2, 0)
        at[0] = number
        at[1] = <uint64_t> (now * 1000.0)
        memcpy(at + FRONT, PyBytes_AS_STRING(text), length)
        store(at + 2, (turn << 16) | (length + 1))

    def note(self, uint64_t number, double now, bytes text not None):
        """Write a record."""
        self.write(number, now, text)

    def read(self):
        """Return the records, (number, moment, text), the newest first."""
        cdef uint64_t index, word
        cdef uint64_t* at
        found = []
        for index in range(self.records):
            at = self.memory.words + WORDS * (1 + index)
            word = load(at + 2)
            if word:
                text = PyBytes_FromStringAndSize(<char*> (at + FRONT), (word & 0xFFFF) - 1)
                found.append((word >> 16, at[0], at[1] / 1000.0, text))
        found.sort(reverse=True)
        return [record[1:] for record in found]
