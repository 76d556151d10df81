"""proxy_cache_lock: one asks the origin for all, who follow its answer as it comes.

In its own process they find its fill; in another they ask it to show what it has, and follow that.
"""

from forkproxy.cache.completing cimport follow_piece
from forkproxy.cache.decide cimport LOCK_TIMEOUT
from forkproxy.cache.distant cimport follow_elsewhere
from forkproxy.cache.entry cimport REASON, Entry
from forkproxy.cache.fill cimport COMES, UNSTORED, WHOLE, Fill
from forkproxy.cache.hit cimport from_entry, is_fresh, select_entry, shown
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.variant cimport variant_key
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport HIT, Zone
from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
from forkproxy.shared.claims cimport ELSEWHERE, OURS
from forkproxy.wire.names cimport ACCEPT_RANGES

DEF LOOK_AGAIN = 0.005          # seconds between two looks at what another process does, at first
DEF LOOK_SELDOM = 0.05


cdef Response wait_for_answer(Terms terms, Exchange exchange, Visit visit):
    cdef Zone zone = visit.zone
    cdef double began = poller.now, waited, step, seldom = LOOK_AGAIN
    cdef Fill fill
    cdef Gate gate
    cdef Entry entry
    cdef int claimed
    cdef bint stalled
    cdef Response response
    while True:
        fill = <Fill> zone.fills.get(visit.key)
        claimed = zone.claims.take(visit.number)
        waited = poller.now - began
        if claimed == ELSEWHERE:
            if fill is None:
                fill = follow_elsewhere(visit)
            stalled = fill is not None and poller.now - fill.moved_at >= terms.lock_age
            if fill is not None and not stalled and fits(terms, exchange, visit, fill):
                if comes(fill):
                    return follow(terms, exchange, visit, fill)
                response = follow_piece(terms, exchange, visit, fill)
                if response is not None:
                    return response
            if stalled or waited >= terms.lock_age:
                zone.claims.usurp(visit.number)
                claimed = OURS
        if claimed != ELSEWHERE:
            become_first(visit)
            return None
        if waited >= terms.lock_timeout:
            visit.cacheable = False
            visit.reason = LOCK_TIMEOUT
            return None
        if fill is not None:
            step = min(terms.lock_timeout - waited, fill.moved_at + terms.lock_age - poller.now)
            fill.wait(max(0.001, step))
            if fill.stage == UNSTORED:
                return None
        else:
            gate = Gate.__new__(Gate)
            gate.wait_for(max(0.001, min(seldom, terms.lock_timeout - waited,
                                         terms.lock_age - waited)))
            seldom = min(LOOK_SELDOM, 2.0 * seldom)
        entry = select_entry(terms, exchange, visit)
        if entry is not None and is_fresh(terms, exchange, entry, wall()):
            response = from_entry(terms, exchange, visit, entry, HIT)
            if response is not None:
                return response


cdef int become_first(Visit visit) except -1:
    """Be the one who fetches, where others of this process find it."""
    cdef Fill fill = Fill.__new__(Fill)
    fill.zone = visit.zone
    fill.key = visit.key
    fill.number = visit.number
    fill.claimed = True
    fill.known = True
    fill.moved_at = poller.now
    visit.fill = fill
    visit.zone.fills[visit.key] = fill
    return 0


cdef bint comes(Fill fill) noexcept:
    """Whether what there is of it can be followed as it is, to an end that can be told."""
    return fill.framed and not fill.partial and (fill.stage == COMES or fill.stage == WHOLE)


cdef bint fits(Terms terms, Exchange exchange, Visit visit, Fill fill):
    """Whether what comes is the answer for this request too."""
    if not fill.spec:
        return True
    return fill.place == variant_key(visit.key, fill.spec, exchange.head.fields, terms.rules.rfc)


cdef Response follow(Terms terms, Exchange exchange, Visit visit, Fill fill):
    cdef Entry head = fill.head()
    cdef Response response = Response(head.mark.status, head.fields())
    if head.mark.reason:
        response.reason = head.part(REASON)
    response.body = fill.follow()
    exchange.defer((<object> response.body).close)
    response.from_upstream = response.cached = True
    response.allow_ranges = response.single_range = (
        terms.rules.rfc or terms.force_ranges or response.fields.find_known(ACCEPT_RANGES) >= 0)
    exchange.upstream_fields = response.fields
    visit.status = HIT
    visit.zone.count_status(HIT, response.body.length)
    return shown(terms, exchange, visit, response)
