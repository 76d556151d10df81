cdef class TicketKeys:
    """The keys that session tickets are sealed with, the newest first."""

    cdef readonly double period         # seconds that one key seals; 0.0: they were given, and stay
    cdef long epoch
    cdef bytes secret                   # of which the keys of this epoch are made
    cdef list keys                      # of 48 or 80 octets each: name, MAC key, cipher key

    cdef int refresh(self) except -1
    cdef bytes newest(self)
    cdef bytes named(self, bytes name)
