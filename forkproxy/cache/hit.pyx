"""Hits: which of the stored answers fits a request, and what the client gets of it."""

import os

from forkproxy.cache.decide cimport STORED, satisfies
from forkproxy.cache.entry cimport (
    ASK_FIRST, HEAD_ONLY, IN_FILE, PARTS, REASON, SPLIT, VARY as VARY_PART, Entry, EntryBody,
)
from forkproxy.cache.terms cimport Terms, key_number, said
from forkproxy.cache.variant cimport store_key, variant_key
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.wanted cimport usable, wanted_parts
from forkproxy.cache.zone cimport BYPASS, EXPIRED, HIT, REVALIDATED, STALE, UPDATING, Zone
from forkproxy.clock cimport wall
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport ACCEPT_RANGES, CACHE_CONTROL, DATE
from forkproxy.core.ranges cimport cut_to

from forkproxy.cache.entry import file_name
from forkproxy.cache.reasons import Reason


cdef Visit visit_of(Terms terms, Exchange exchange, Zone zone):
    cdef Visit visit = Visit.__new__(Visit)
    cdef bytes front
    visit.zone = zone
    if terms.fronts is not None:
        front = <bytes> terms.fronts[exchange.client.secure]
        visit.key = store_key(front + exchange.head.target)
    else:
        visit.key = store_key(terms.key.evaluate(exchange))
    visit.number = key_number(visit.key)
    zone.uses.expect(visit.number)
    visit.cacheable = True
    visit.age = -1.0
    visit.place = visit.key
    visit.specs = b""
    return visit


cdef Entry select_entry(Terms terms, Exchange exchange, Visit visit):
    cdef Entry entry = visit.zone.find(visit.key, visit.number)
    cdef bytes place
    visit.place = visit.key
    visit.specs = b""
    visit.partial = None
    if entry is None:
        return None
    if entry.mark.flags & SPLIT:
        visit.specs = entry.part(VARY_PART)
        entry.drop()
        for spec in visit.specs.split(b"\n"):
            place = variant_key(visit.key, <bytes> spec, exchange.head.fields, terms.rules.rfc)
            entry = visit.zone.find(place, key_number(place))
            if entry is not None:
                visit.place = place
                break
        else:
            return None
    if entry.mark.flags & HEAD_ONLY and terms.rules.rfc and exchange.method != b"HEAD":
        entry.drop()
        return None
    return usable(terms, exchange, visit, entry) if entry.mark.flags & PARTS else entry


cdef bint is_fresh(Terms terms, Exchange exchange, Entry entry, double now):
    if terms.rules.rfc and (exchange.head.fields.seen >> <int> CACHE_CONTROL) & 1:
        return satisfies(said(exchange), entry, now)
    return now < entry.mark.fresh_until and not entry.mark.flags & ASK_FIRST


cdef Response from_entry(Terms terms, Exchange exchange, Visit visit, Entry entry, int status):
    cdef Fields fields
    cdef Response response
    cdef list wanted = None
    cdef long long length = entry.mark.length
    cdef double age
    cdef int fd
    if entry.mark.flags & PARTS:
        wanted = wanted_parts(terms, exchange, entry)
        if wanted is None:
            return None         # it was another entry that did for the request
    visit.identity = 0
    response = Response(entry.mark.status, entry.fields())
    fields = response.fields
    if entry.mark.reason:
        response.reason = entry.part(REASON)
    if entry.mark.flags & IN_FILE:
        try:
            path = f"{visit.zone.bodies}/{file_name(entry.mark.identity)}"
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            entry.drop()
            return None
        response.body = FileBody(fd, 0, length)
        exchange.defer((<object> response.body).close)
        entry.drop()
    elif entry.mark.flags & HEAD_ONLY:
        if exchange.method == b"HEAD":
            response.declared_length = int(fields.get(b"content-length") or b"-1")
        entry.drop()
    elif response.status == 204 or response.status == 304:
        entry.drop()
    else:
        # Who sends it closes it; and without that its lease ends at the next switch.
        response.body = EntryBody(entry)
    response.from_upstream = response.cached = True
    if entry.mark.flags & PARTS:
        cut_to(response, wanted)
        length = response.body.length
    else:
        visit.identity = entry.mark.identity
        response.allow_ranges = (terms.rules.rfc or terms.force_ranges
                                 or fields.find_known(ACCEPT_RANGES) >= 0)
    exchange.upstream_fields = fields
    visit.status = status
    visit.zone.count_status(status, length)
    age = wall() - entry.mark.born_at
    visit.age = age if age > 0.0 else 0.0
    if terms.rules.rfc:
        fields.set(b"Age", b"%d" % <long long> visit.age)
        response.date = fields.known_value(DATE)
    return shown(terms, exchange, visit, response)


cdef Response shown(Terms terms, Exchange exchange, Visit visit, Response response):
    if response.from_upstream:
        terms.origin.dress(exchange, response)
        if terms.rules.rfc and response.date is None:
            response.date = response.fields.known_value(DATE)
    if terms.status_header is not None:
        response.fields.add(b"Cache-Status", cache_status(terms, visit))
    return terms.origin.finish(exchange, response)


cdef bytes cache_status(Terms terms, Visit visit):
    """RFC 9211: what this cache did with the request."""
    parts = [terms.status_header]
    if visit.status in (HIT, STALE, UPDATING, REVALIDATED):
        parts.append(b"hit")
        if visit.status == STALE or visit.status == UPDATING:
            parts.append(b"detail=stale")
    else:
        parts.append(b"fwd=" + _forwarded(visit))
        if visit.reason == STORED and visit.cacheable:
            parts.append(b"stored")
        elif visit.reason:
            parts.append(b"detail=" + Reason(visit.reason).shown.encode())
    return b"; ".join(parts)


cdef bytes _forwarded(Visit visit):
    """RFC 9211 §2.2: why the origin was asked."""
    if visit.status == BYPASS:
        return b"bypass"
    if visit.status == EXPIRED:
        return b"stale"
    if visit.partial is not None:
        return b"partial"
    return b"vary-miss" if visit.specs else b"uri-miss"
