"""Asking the origin: for an answer, or whether a stale one is good; and what becomes of that."""

from libc.stdint cimport uint64_t

from forkproxy.cache.completing cimport completed, of_use, want_missing
from forkproxy.cache.decide cimport UPSTREAM_FAILED
from forkproxy.cache.entry cimport ETAG_PART, NO_STALE, Entry
from forkproxy.cache.hit cimport from_entry, shown
from forkproxy.cache.keep cimport freshened, let_go, store_answer
from forkproxy.cache.terms cimport (
    STALE_403, STALE_404, STALE_429, STALE_500, STALE_502, STALE_503, STALE_504, STALE_ERROR,
    STALE_INVALID_HEADER, STALE_TIMEOUT, Terms,
)
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport BYPASS, MISS, STALE
from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.wire.names cimport LAST_MODIFIED

from forkproxy.errors import PeerError

cdef dict STALE_STATUSES = {500: STALE_500, 502: STALE_502, 503: STALE_503, 504: STALE_504,
                            403: STALE_403, 404: STALE_404, 429: STALE_429}


cdef Response fetch(Terms terms, Exchange exchange, Visit visit):
    try:
        prepare(terms, visit)
        if visit.partial is not None and not visit.ranged and visit.status != BYPASS:
            want_missing(terms, exchange, visit)
        return ask_origin(terms, exchange, visit)
    except PeerError as error:
        # Of an answer whose content is broken at its very front.
        exchange.report("error", error.reason)
        return fault(exchange, error.status)
    finally:
        # Whoever has not been handed over by now goes on by himself.
        let_go(visit, UPSTREAM_FAILED)


cdef int prepare(Terms terms, Visit visit) except -1:
    """By what the origin is asked whether the stale answer is still good."""
    cdef Entry stale = visit.stale
    if stale is None or not visit.cacheable or visit.as_sent:
        return 0
    if not (terms.rules.revalidate or terms.rules.rfc):
        return 0
    if stale.mark.status != 200 and stale.mark.status != 206:
        return 0
    visit.etag = stale.part(ETAG_PART) or None
    visit.modified = stale.fields().known_value(LAST_MODIFIED)
    return 0


cdef Response ask_origin(Terms terms, Exchange exchange, Visit visit):
    cdef bytes method = exchange.method
    cdef double asked_at = wall()
    cdef uint64_t purges = visit.zone.purges(visit.number)
    cdef Response response
    exchange.for_cache = visit.cacheable and not visit.as_sent
    if terms.convert_head and method == b"HEAD":
        exchange.method = b"GET"
    try:
        response = terms.origin.ask(exchange)
        if visit.piece is not None:
            response = of_use(terms, exchange, visit, response)
        response = took(terms, exchange, visit, response, asked_at)
        if response is None:
            visit.stale = None
            visit.etag = visit.modified = None
            visit.status = MISS
            response = took(terms, exchange, visit, terms.origin.ask(exchange), asked_at)
        if response.from_upstream and not response.cached:
            response = store_answer(terms, exchange, visit, response, asked_at, purges)
            if visit.piece is not None:
                response = completed(terms, exchange, visit, response)
            visit.zone.count_status(visit.status, _length(response))
            return shown(terms, exchange, visit, response)
        return response
    finally:
        exchange.for_cache = False
        exchange.method = method


cdef Response took(Terms terms, Exchange exchange, Visit visit, Response response,
                   double asked_at):
    """What the origin's answer means for a stale one: it is served, freshened, or replaced.

    None where it is good, and was evicted meanwhile.
    """
    cdef double now = wall()
    cdef Response served
    if visit.stale is None or visit.status == BYPASS:
        if not response.from_upstream:
            return not_answered(terms, exchange, visit, response)
        return response
    if response.from_upstream and response.status == 304 and (
            visit.etag is not None or visit.modified is not None):
        return freshened(terms, exchange, visit, response, asked_at)
    if stale_will_do(terms, visit, response, now) and not visit.background:
        served = from_entry(terms, exchange, visit, visit.stale, STALE)
        if served is not None:
            if response.body is not None:
                response.body.close()
            return served
    if not response.from_upstream:
        return not_answered(terms, exchange, visit, response)
    return response


cdef Response not_answered(Terms terms, Exchange exchange, Visit visit, Response response):
    visit.zone.count_status(visit.status, 0)
    return terms.origin.finish(exchange, response)


cdef bint stale_will_do(Terms terms, Visit visit, Response response, double now):
    cdef int condition = STALE_STATUSES.get(response.status, 0)
    cdef Entry stale = visit.stale
    if stale.mark.flags & NO_STALE:
        return False
    if response.from_upstream:
        if condition & terms.use_stale:
            return True
        # RFC 5861 §4 counts 500, 502, 503 and 504 as errors; nginx does not.
        return (terms.rules.rfc and response.status in (500, 502, 503, 504)
                and stale.mark.error_until > now)
    if stale.mark.error_until > now:
        return True
    condition = STALE_TIMEOUT if response.status == 504 else STALE_ERROR | STALE_INVALID_HEADER
    return condition & terms.use_stale != 0


cdef long long _length(Response response) noexcept:
    return -1 if response.body is None else response.body.length
