"""Octets that are wanted soon: they are on their way while something else is done."""

cdef extern from * nogil:
    """
    #include <stddef.h>
    static inline void forkproxy_prefetch(const void *at, size_t octets)
    {
        size_t offset;
        for (offset = 0; offset < octets; offset += 64)
            __builtin_prefetch((const char *) at + offset);
    }
    """
    # Waits for nothing, and fails nowhere: where no memory is, nothing happens.
    void prefetch "forkproxy_prefetch" (const void* at, size_t octets) noexcept
