from forkproxy.cache.entry cimport Entry
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange

# An entry that has only parts of its content: as it is where they do for this request, which is
# noted in `visit.wanted`; else None, and it is `visit.partial`.
cdef Entry usable(Terms terms, Exchange exchange, Visit visit, Entry entry)
# What the client wants of a content as an entry tells of it: (start, stop) of each part; None: all.
cdef list wanted_of(Terms terms, Exchange exchange, Entry entry)
