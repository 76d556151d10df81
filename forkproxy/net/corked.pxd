from forkproxy.net.stream cimport Stream

# Send octets that the kernel may keep until what follows at once is there: both leave in the same
# segments. Of a plain stream. Returns how many it took.
cdef Py_ssize_t try_send_front(Stream stream, const char* octets, Py_ssize_t length) except -1
