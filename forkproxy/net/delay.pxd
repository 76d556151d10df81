from forkproxy.net.stream cimport Stream

# Wait so many seconds; raises Gone when the other side of `client` hangs up, or it is closed,
# before. None: nobody's going ends it. Waits.
cdef int delay(Stream client, double seconds) except -1
