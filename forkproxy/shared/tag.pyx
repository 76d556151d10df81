"""A key's tag: 64 bits of a secret hash (SipHash-1-3), so that no client makes two keys meet.

The secret is the master's, and that of all it forks. It is kept where tags are kept: a tag that was
written before a restart says the same after it.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint64_t
from libc.string cimport memcpy

import os

DEF SECRET = 16             # octets

cdef uint64_t first_half, second_half


cdef inline uint64_t _turned(uint64_t word, int bits) noexcept:
    return word << bits | word >> (64 - bits)


cdef inline void _round(uint64_t* v) noexcept:
    v[0] += v[1]
    v[2] += v[3]
    v[1] = _turned(v[1], 13) ^ v[0]
    v[3] = _turned(v[3], 16) ^ v[2]
    v[0] = _turned(v[0], 32)
    v[2] += v[1]
    v[0] += v[3]
    v[1] = _turned(v[1], 17) ^ v[2]
    v[3] = _turned(v[3], 21) ^ v[0]
    v[2] = _turned(v[2], 32)


cdef uint64_t tag_of(bytes key):
    cdef const char* octets = PyBytes_AS_STRING(key)
    cdef Py_ssize_t left = PyBytes_GET_SIZE(key)
    cdef uint64_t last = <uint64_t> left << 56, word = 0
    cdef uint64_t[4] v
    v[0] = first_half ^ 0x736f6d6570736575ULL
    v[1] = second_half ^ 0x646f72616e646f6dULL
    v[2] = first_half ^ 0x6c7967656e657261ULL
    v[3] = second_half ^ 0x7465646279746573ULL
    while left >= 8:
        memcpy(&word, octets, 8)
        v[3] ^= word
        _round(v)
        v[0] ^= word
        octets += 8
        left -= 8
    word = 0
    memcpy(&word, octets, left)
    last |= word
    v[3] ^= last
    _round(v)
    v[0] ^= last
    v[2] ^= 0xff
    _round(v)
    _round(v)
    _round(v)
    last = v[0] ^ v[1] ^ v[2] ^ v[3]
    return last if last else 1


def tag(bytes key not None):
    """Return tag_of this key."""
    return tag_of(key)


def secret():
    """Return the secret as text, to be kept."""
    return f"{first_half:016x}{second_half:016x}"


def share_secret(str text not None):
    """Let the secret be one that was kept. Before anything is tagged; ValueError for what is none.
    """
    global first_half, second_half
    if len(text) != 2 * SECRET:
        raise ValueError("a secret has 32 hexadecimal digits")
    first_half, second_half = int(text[:SECRET], 16), int(text[SECRET:], 16)


share_secret(os.urandom(SECRET).hex())
