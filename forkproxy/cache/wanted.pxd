from forkproxy.cache.entry cimport Entry
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange

# An entry that has only parts of its content: as it is where they do for this request; else None,
# and it is `visit.partial`.
cdef Entry usable(Terms terms, Exchange exchange, Visit visit, Entry entry)
# What is wanted of it, as `wanted_of` says, where all of that is there; else None.
cdef list wanted_parts(Terms terms, Exchange exchange, Entry entry)
# What the client wants of a content as an entry tells of it: (start, stop) of each part; None: all.
cdef list wanted_of(Terms terms, Exchange exchange, Entry entry)
