"""Keys and values that are changed while requests look them up, without a lock.

The master has the truth. Each process has a copy of its own: a worker inherits it by its fork, and
carries out what the master says it has changed, between two turns of its loop. So a look-up is one
of a dictionary; with "ip" and "prefix" it is one for each length of prefix that occurs, the longest
first.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memset

cdef extern from "<sys/socket.h>" nogil:
    int AF_INET
    int AF_INET6

cdef extern from "<arpa/inet.h>" nogil:
    int inet_pton(int family, const char* text, void* address)

DEF V6 = 1000       # added to the length of a prefix of an IPv6 address


cdef class Keyval:

    def __init__(self, str kind not None="string"):
        self.kind = kind
        self.entries = {}
        self.index = {}
        self.lengths = ()

    def change(self, dict put not None, delete=()):
        """Store, as (value, expires at), and delete; raises ValueError as `check` does."""
        for key in delete:
            if self.entries.pop(key, None) is not None and self.kind != "string":
                self._forget(key)
        for key, (value, expires_at) in put.items():
            if self.kind != "string" and key not in self.entries:
                self._learn(key)
            self.entries[key] = (value, expires_at)

    def clear(self):
        """Delete every key."""
        self.entries.clear()
        self.index.clear()
        self.lengths = ()

    def check(self, bytes key not None):
        """Raise ValueError where a key is none of this kind: "ip" wants an address or CIDR."""
        if self.kind == "ip":
            self._prefix(key)

    def look_up(self, bytes key not None, double now):
        """Return the value for a key; for Python."""
        return self.find(key, now)

    cdef bytes find(self, bytes key, double now):
        cdef bytes address
        cdef Py_ssize_t length
        cdef int family
        if self.kind == "string":
            return self._value(key, now)
        if self.kind == "prefix":
            for length in self.lengths:
                if length <= PyBytes_GET_SIZE(key):
                    found = (<dict> self.index[length]).get(key[:length])
                    if found is not None:
                        value = self._value(found, now)
                        if value is not None:
                            return <bytes> value
            return None
        address = _packed(key)
        if address is None:
            return None
        family = 0 if PyBytes_GET_SIZE(address) == 4 else V6
        for length in self.lengths:
            if (length >= V6) == (family == V6):
                found = (<dict> self.index[length]).get(_masked(address, length - family))
                if found is not None:
                    value = self._value(found, now)
                    if value is not None:
                        return <bytes> value
        return None

    cdef bytes _value(self, key, double now):
        found = self.entries.get(key)
        if found is None:
            return None
        value, expires_at = <tuple> found
        if <double> expires_at and <double> expires_at <= now:
            return None
        return <bytes> value

    cdef object _prefix(self, bytes key):
        """Return (length in the index, prefix) of a key."""
        cdef bytes text, mark, bits, address
        cdef int most
        if self.kind == "prefix":
            return PyBytes_GET_SIZE(key), key
        text, mark, bits = key.partition(b"/")
        address = _packed(text)
        if address is None:
            raise ValueError("not an address or CIDR")
        most = 8 * PyBytes_GET_SIZE(address)
        length = most
        if mark:
            if not bits.isdigit() or int(bits) > most:
                raise ValueError("not an address or CIDR")
            length = int(bits)
        return length + (V6 if most == 128 else 0), _masked(address, length)

    cdef int _learn(self, bytes key) except -1:
        length, prefix = self._prefix(key)
        if length not in self.index:
            self.index[length] = {}
            self.lengths = tuple(sorted(self.index, reverse=True))
        (<dict> self.index[length])[prefix] = key
        return 0

    cdef int _forget(self, bytes key) except -1:
        length, prefix = self._prefix(key)
        found = <dict> self.index[length]
        if found.get(prefix) == key:    # else it is another way to write the same network
            del found[prefix]
        if not found:
            del self.index[length]
            self.lengths = tuple(sorted(self.index, reverse=True))
        return 0

    def __len__(self):
        return len(self.entries)


cdef bytes _packed(bytes text):
    """Return an address's octets, None for what is none. An IPv4 address within IPv6 is IPv4."""
    cdef char room[16]
    if inet_pton(AF_INET, PyBytes_AS_STRING(text), room) == 1:
        return PyBytes_FromStringAndSize(room, 4)
    if inet_pton(AF_INET6, PyBytes_AS_STRING(text), room) == 1:
        packed = PyBytes_FromStringAndSize(room, 16)
        return packed[12:] if packed.startswith(b"\0" * 10 + b"\xff\xff") else packed
    return None


cdef bytes _masked(bytes address, Py_ssize_t length):
    """Return an address with only the first `length` bits left."""
    cdef Py_ssize_t whole = length // 8, size = PyBytes_GET_SIZE(address)
    cdef char room[16]
    cdef Py_ssize_t index
    if length == 8 * size:
        return address
    memset(room, 0, sizeof(room))
    for index in range(whole):
        room[index] = PyBytes_AS_STRING(address)[index]
    if length % 8:
        room[whole] = PyBytes_AS_STRING(address)[whole] & <char> (0xff00 >> (length % 8))
    return PyBytes_FromStringAndSize(room, size)
