from libc.stdint cimport uint32_t, uint64_t


cdef struct Slot:
    uint64_t lock               # odd while somebody writes; counted up by each change
    uint64_t until              # wall seconds; 0: free
    unsigned char id[32]
    uint32_t id_length
    uint32_t length             # octets of the session, which follow


cdef class Shelf:
    """Slots of one size."""

    cdef char* slots
    cdef Py_ssize_t stride
    cdef Py_ssize_t room        # octets of a session that fit
    cdef Py_ssize_t count       # of slots, a multiple of WAYS

    cdef Slot* slot(self, Py_ssize_t index) noexcept
    cdef Py_ssize_t first(self, const unsigned char* id, unsigned int length) noexcept


cdef class SessionCache:
    """TLS sessions by their id, in memory that all processes share."""

    cdef readonly str name
    cdef readonly size_t size           # octets
    cdef char* memory
    cdef Shelf small
    cdef Shelf large

    cdef int put(self, const unsigned char* id, unsigned int id_length, const unsigned char* octets,
                 Py_ssize_t length, double until) noexcept
    cdef Py_ssize_t get(self, const unsigned char* id, unsigned int id_length, unsigned char* into,
                        Py_ssize_t room) noexcept
    cdef void remove(self, const unsigned char* id, unsigned int id_length) noexcept
    cdef Slot* _find(self, const unsigned char* id, unsigned int id_length) noexcept
