from forkproxy.cache.entry cimport Entry
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Exchange, Response

# What a request wants of a zone: its key.
cdef Visit visit_of(Terms terms, Exchange exchange, Zone zone)
# The stored answer for this request: of several, the one that fits (RFC 9111 §4.1).
cdef Entry select_entry(Terms terms, Exchange exchange, Visit visit)
# Whether it will do without the origin being asked.
cdef bint is_fresh(Terms terms, Exchange exchange, Entry entry, double now)
# The answer that an entry holds; None where its file has gone, or it has not what is wanted.
# `status` is a zone.Status.
cdef Response from_entry(Terms terms, Exchange exchange, Visit visit, Entry entry, int status)
# An answer as the client gets it, with what the location and the cache say about it.
cdef Response shown(Terms terms, Exchange exchange, Visit visit, Response response)
