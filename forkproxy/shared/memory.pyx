"""Shared memory of many writers: words changed by atomic steps, so that nobody holds a lock.

Made by the master before it forks. Pages that nobody touches cost nothing.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.errno cimport errno
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

import os

cdef extern from "<sys/mman.h>" nogil:
    int PROT_READ
    int PROT_WRITE
    int MAP_SHARED
    int MAP_ANONYMOUS
    int MAP_NORESERVE
    void* MAP_FAILED
    void* mmap(void* address, size_t length, int protection, int flags, int fd, long offset)
    int munmap(void* address, size_t length)

cdef extern from *:
    """
    #include <stdint.h>
    static inline uint64_t fp_load(uint64_t* at) { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
    static inline void fp_store(uint64_t* at, uint64_t value) {
        __atomic_store_n(at, value, __ATOMIC_RELEASE);
    }
    static inline int fp_swap(uint64_t* at, uint64_t old, uint64_t new_one) {
        return __atomic_compare_exchange_n(at, &old, new_one, 0, __ATOMIC_ACQ_REL,
                                           __ATOMIC_ACQUIRE);
    }
    static inline uint64_t fp_add(uint64_t* at, uint64_t more) {
        return __atomic_add_fetch(at, more, __ATOMIC_RELAXED);
    }
    """
    uint64_t fp_load(uint64_t* at) nogil
    void fp_store(uint64_t* at, uint64_t value) nogil
    int fp_swap(uint64_t* at, uint64_t old, uint64_t new_one) nogil
    uint64_t fp_add(uint64_t* at, uint64_t more) nogil

cdef uint64_t MIX = 0x9E3779B97F4A7C15ULL
cdef uint64_t OTHER_MIX = 0xD6E8FEB86659FD93ULL


cdef class SharedMemory:

    def __cinit__(self, size_t count):
        cdef void* found = mmap(NULL, count * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        if found == MAP_FAILED:
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
            munmap(self.words, self.count * sizeof(uint64_t))


cdef uint64_t load(uint64_t* at) noexcept nogil:
    return fp_load(at)


cdef void store(uint64_t* at, uint64_t value) noexcept nogil:
    fp_store(at, value)


cdef bint swap(uint64_t* at, uint64_t old, uint64_t new) noexcept nogil:
    return fp_swap(at, old, new)


cdef uint64_t add(uint64_t* at, uint64_t amount) noexcept nogil:
    return fp_add(at, amount)


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
