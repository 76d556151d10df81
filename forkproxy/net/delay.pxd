from forkproxy.net.gate cimport Gate
from forkproxy.net.stream cimport Stream

# Wait so many seconds; raises Gone when the other side of `client` hangs up, or it is closed,
# before. None: nobody's going ends it. Waits.
cdef int delay(Stream client, double seconds) except -1
# Wait likewise until a gate opens, at most so many seconds; 0.0: however long.
cdef int wait_at(Stream client, Gate gate, double seconds=*) except -1
