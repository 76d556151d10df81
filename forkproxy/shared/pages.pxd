"""Memory that a process shares with those it forks. Pages that nobody touches cost nothing."""

cdef extern from * nogil:
    """
    #include <stddef.h>
    #include <sys/mman.h>
    static inline void *forkproxy_share(size_t length)
    {
        void *found = mmap(NULL, length, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        return found == MAP_FAILED ? NULL : found;
    }
    """
    # Zeroes, page after page; NULL where there is no room, and errno says why.
    void* share_pages "forkproxy_share" (size_t length) noexcept
    void release_pages "munmap" (void* at, size_t length) noexcept
