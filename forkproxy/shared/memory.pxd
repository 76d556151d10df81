from libc.stdint cimport uint64_t


cdef class SharedMemory:
    """Words of memory that every process forked from here on sees; zero at first."""

    cdef readonly size_t count      # words
    cdef uint64_t* words


# Atomic steps on one word. `swap` stores `new` where `old` is, and says whether it was.
cdef uint64_t load(uint64_t* at) noexcept nogil
cdef void store(uint64_t* at, uint64_t value) noexcept nogil
cdef bint swap(uint64_t* at, uint64_t old, uint64_t new) noexcept nogil
cdef uint64_t add(uint64_t* at, uint64_t amount) noexcept nogil     # the sum

# A number for these octets, the same in every process: for tables that may confuse two keys.
cdef uint64_t number_of(const char* octets, Py_ssize_t length) noexcept nogil
