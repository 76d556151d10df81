from libc.stdint cimport uint64_t

from forkproxy.cache.entry cimport Entry


cdef class Recent:
    """Entries that this process is asked for again and again, copied out of the store's map."""

    cdef list places                # an Entry or None each
    cdef uint64_t* asked            # the number of the key that each place was last asked for
    cdef Py_ssize_t octets          # of all entries

    # The entry under a key, None: not here, or no longer good. `changes` is what was counted of the
    # key before now.
    cdef Entry get(self, bytes key, uint64_t number, uint64_t changes, double now)
    # An entry was looked up, and `changes` counted before: keep it, if it is wanted that often.
    cdef int offer(self, Entry entry, bytes key, uint64_t number, uint64_t changes,
                   double now) except -1
    cdef void _clear(self, Py_ssize_t place, Entry found) noexcept
