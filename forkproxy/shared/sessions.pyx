"""Sessions: which number belongs to a key, for as long as it is used; of all processes.

A key has eight places where it may be, side by side. Where all are taken, the one that was not
used for longest is given up: for want of room a session is forgotten, never refused. Nothing
locks; a place that is being written is passed over, so a reader may miss a session, and never sees
half of one.
"""

from libc.errno cimport errno
from libc.stdint cimport int64_t, uint64_t

import os

from forkproxy.shared.atomics cimport word_acquire, word_release
from forkproxy.shared.pages cimport release_pages, share_pages
from forkproxy.shared.scoreboard cimport swap_in

from forkproxy.errors import ConfigError

DEF NEAR = 8            # places that a key may have
DEF BUSY = 1            # the key of a place that is being written


cdef bint _over(Place* place, uint64_t now, uint64_t life) noexcept:
    """Whether it was not used for so long; another process may have used it just after `now`."""
    return <int64_t> (now - place.used_at) > <int64_t> life


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
                if _over(&place[index], now, life) or word_acquire(&place[index].key) != key:
                    return 0
                return value
        return 0

    cdef void make(self, uint64_t key, uint64_t value, uint64_t now) noexcept:
        """Let a key have a value from now on."""
        self._keep(key, value, now, True, 0)

    cdef void renew(self, uint64_t key, uint64_t value, uint64_t now, uint64_t life) noexcept:
        """Let a key that was used within `life` ms have a value from now on; one that was not has
        had its time, though it may be there still.
        """
        self._keep(key, value, now, False, life)

    cdef void _keep(self, uint64_t key, uint64_t value, uint64_t now, bint make,
                    uint64_t life) noexcept:
        cdef Place* place = self._place(key)
        cdef uint64_t known, oldest = <uint64_t> -1, oldest_key = 0
        cdef Place* chosen = NULL
        cdef int index
        for index in range(NEAR):
            known = word_acquire(&place[index].key)
            if known == key:
                if not make and _over(&place[index], now, life):
                    return
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

    def put(self, uint64_t key, uint64_t value, uint64_t now):
        """Let a key have a value."""
        self.make(key, value, now)

    def used(self, uint64_t key, uint64_t value, uint64_t now, uint64_t life):
        """Let a key that was used within `life` ms have a value."""
        self.renew(key, value, now, life)


# Tables by the name of their zone: a reload goes on with those of the same size.
zones = {}


def zone(str name not None, Py_ssize_t size):
    """Return the table of a zone: the one that is there, where its size is the same."""
    found = zones.get(name)
    if found is None or found.size != size:
        found = zones[name] = Sessions(name, size)
    return found
