from forkproxy.cache.entry cimport Entry
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Response

# The content of the entry that a visit answers with, in a coding; None: there is none.
cdef Entry find_coded(Visit visit, bytes coding)

# Have the content of such an answer, which nobody has begun to read, coded by `encode` (octets to
# octets, in a thread) and kept beside its entry, where it is asked for more than once.
cdef int keep_coded(Visit visit, bytes coding, Response response, object encode) except -1
