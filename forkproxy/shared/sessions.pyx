"""Sessions: which number belongs to a key, for as long as it is used; of all processes.

A key has eight places where it may be, side by side. Where all are taken, the one that was not
used for longest is given up: for want of room a session is forgotten, never refused. Nothing
locks; a place that is being written is passed over, so a reader may miss a session, and never sees
half of one.
"""

from libc.errno cimport errno
from libc.stdint cimport uint64_t

import os

from forkproxy.shared.atomics cimport word_acquire, word_release
from forkproxy.shared.pages cimport release_pages, share_pages
from forkproxy.shared.scoreboard cimport swap_in

from forkproxy.errors import ConfigError

DEF NEAR = 8            # places that a key may have
DEF BUSY = 1            # the key of a place that is being written


cdef class Sessions:

    def __init__(self, str name not None, Py_ssize_t size):
        """Make the table of a zone; by the master, before it forks."""
        cdef void* found
        self.name = name
        self.size = size
        self.count = NEAR
        while self.count * 2 * sizeof(Place) <= <size_t> size:
            self.count *= 2
        found = share_pages(self.count * sizeof(Place))
        if found == NULL:
            raise ConfigError(f'no room for zone "{name}": {os.strerror(errno)}')
        self.places = <Place*> found

    def __dealloc__(self):
        if self.places != NULL:
            release_pages(self.places, self.count * sizeof(Place))

    cdef Place* _place(self, uint64_t key) noexcept:
        """The first of the places of a key."""
        return self.places + (key & (self.count - 1) & ~<uint64_t> (NEAR - 1))

    cdef uint64_t look_up(self, uint64_t key, uint64_t now, uint64_t life) noexcept:
        """The value of a key that was used within `life` ms, else 0. Keys are mixed, from 2 on."""
        cdef Place* place = self._place(key)
        cdef uint64_t value
        cdef int index
        for index in range(NEAR):
            if word_acquire(&place[index].key) == key:
                value = place[index].value
                if now - place[index].used_at > life or word_acquire(&place[index].key) != key:
                    return 0
                return value
        return 0

    cdef void keep(self, uint64_t key, uint64_t value, uint64_t now, bint make) noexcept:
        """Let a key have a value from now on; `make`: also where it has none yet."""
        cdef Place* place = self._place(key)
        cdef uint64_t known, oldest = <uint64_t> -1, oldest_key = 0
        cdef Place* chosen = NULL
        cdef int index
        for index in range(NEAR):
            known = word_acquire(&place[index].key)
            if known == key:
                chosen = &place[index]
                oldest_key = key
                break
            if make and known != BUSY and (known == 0 or place[index].used_at < oldest):
                chosen = &place[index]
                oldest_key = known
                oldest = 0 if known == 0 else place[index].used_at
        if chosen != NULL and swap_in(&chosen.key, oldest_key, BUSY):
            chosen.value = value
            chosen.used_at = now
            word_release(&chosen.key, key)

    def get(self, uint64_t key, uint64_t now, uint64_t life):
        """Return the value of a key that was used within `life` ms, or 0."""
        return self.look_up(key, now, life)

    def put(self, uint64_t key, uint64_t value, uint64_t now, bint make=True):
        """Let a key have a value; `make`: also where it has none yet."""
        self.keep(key, value, now, make)


# Tables by the name of their zone: a reload goes on with those of the same size.
zones = {}


def zone(str name not None, Py_ssize_t size):
    """Return the table of a zone: the one that is there, where its size is the same."""
    found = zones.get(name)
    if found is None or found.size != size:
        found = zones[name] = Sessions(name, size)
    return found
