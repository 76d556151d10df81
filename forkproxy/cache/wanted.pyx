"""What a request wants of an entry that has only parts of its content (RFC 9111 §3.3)."""

from forkproxy.cache.entry cimport Entry
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.ranges cimport Unsatisfiable, asked_ranges, parse_ranges

from forkproxy.cache import boot, extents


cdef Entry usable(Terms terms, Exchange exchange, Visit visit, Entry entry):
    if not terms.rules.parts or entry.mark.boot != <unsigned int> boot.NUMBER:
        entry.drop()
        return None
    if wanted_parts(terms, exchange, entry) is not None:
        return entry
    entry.come_out()
    visit.partial = entry
    return None


cdef list wanted_parts(Terms terms, Exchange exchange, Entry entry):
    cdef list wanted = wanted_of(terms, exchange, entry)
    return wanted if wanted is not None and extents.covers(entry.extents, wanted) else None


cdef list wanted_of(Terms terms, Exchange exchange, Entry entry):
    cdef bytes asked
    if exchange.method != b"GET" or terms.most_ranges == 0:
        return None
    if exchange.parent is not None and not exchange.background:
        return None             # of an include, it is not the client who says which part
    asked = asked_ranges(exchange, entry.fields())
    if asked is None:
        return None
    try:
        return parse_ranges(asked, entry.mark.length, terms.most_ranges)
    except Unsatisfiable:
        return None
