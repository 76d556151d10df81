"""split_clients: a variable drawn by MurmurHash2 of a text; computed when it is asked for."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t
from libc.string cimport memcpy

from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Slot


cdef class SplitVariable(Slot):

    cdef Expression source
    cdef tuple parts                # (where its share of the hashes ends, 0: the rest; Expression)

    cdef bytes fill(self, Exchange exchange):
        cdef uint32_t hash = murmur(self.source.evaluate(exchange))
        cdef bytes value = b""
        cdef uint32_t end
        for last, expression in self.parts:
            end = last
            if end == 0 or hash < end:
                value = (<Expression> expression).evaluate(exchange)
                break
        self.keep(exchange, value)
        return value


cdef uint32_t murmur(bytes text):
    """Austin Appleby's MurmurHash2, 32 bits, seed 0: shares are those that nginx gives."""
    cdef const char* data = PyBytes_AS_STRING(text)
    cdef Py_ssize_t length = PyBytes_GET_SIZE(text)
    cdef uint32_t hash = <uint32_t> length, word
    cdef uint32_t factor = 0x5bd1e995
    while length >= 4:
        memcpy(&word, data, 4)
        word *= factor
        word ^= word >> 24
        word *= factor
        hash *= factor
        hash ^= word
        data += 4
        length -= 4
    if length == 3:
        hash ^= <uint32_t> <unsigned char> data[2] << 16
    if length >= 2:
        hash ^= <uint32_t> <unsigned char> data[1] << 8
    if length >= 1:
        hash ^= <unsigned char> data[0]
        hash *= factor
    hash ^= hash >> 13
    hash *= factor
    hash ^= hash >> 15
    return hash


def hash_of(bytes text not None):
    """Return the hash of a text."""
    return murmur(text)


def declare(scope, making):
    """Make the variables known, so that any expression may use them."""
    for line in scope.lines("split_clients"):
        name = line.value.variable
        making.slots[name] = SplitVariable(name, making.next_index())


def define(scope, making):
    """Fill them in, when all variables are known."""
    cdef SplitVariable made
    for line in scope.lines("split_clients"):
        made = <SplitVariable?> making.slots[line.value.variable]
        made.source = making.expression(line.value.source)
        sum, parts = 0, []
        for share, value in line.value.parts:
            sum += share
            parts.append((sum * 0xffffffff // 10000 if share else 0, making.expression(value)))
        made.parts = tuple(parts)
