"""Serving from a zone: what comes between a location and its origin.

A hit is answered from what is stored, before anything waits. All else asks the origin; what may be
stored is taken over by a fill, which goes on whatever becomes of the client.
"""

from libc.stdint cimport uint32_t

from forkproxy.cache.background cimport update_in_background
from forkproxy.cache.completing cimport want_missing
from forkproxy.cache.decide cimport RANGE_OFFSET, STORED, TOO_FEW_USES
from forkproxy.cache.entry cimport NO_STALE, Entry
from forkproxy.cache.fetch cimport fetch
from forkproxy.cache.hit cimport from_entry, is_fresh, select_entry, visit_of
from forkproxy.cache.invalidate cimport invalidate, is_of_target
from forkproxy.cache.keep cimport store_answer, warn_of
from forkproxy.cache.terms cimport STALE_UPDATING, any_true, said
from forkproxy.cache.variant cimport store_key
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.wait cimport wait_for_answer
from forkproxy.cache.zone cimport BYPASS, EXPIRED, HIT, MISS, STALE, UPDATING, Zone
from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport fault
from forkproxy.core.subrequest cimport store_body
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
from forkproxy.shared.claims cimport ELSEWHERE
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.freshness cimport ONLY_IF_CACHED
from forkproxy.wire.names cimport (
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, RANGE,
)

from forkproxy.cache import purge
from forkproxy.cache.choice import of_prefix

cdef frozenset PLAIN = frozenset((b"GET", b"HEAD"))
cdef unsigned long long CONDITIONS = (
    (1ULL << <int> IF_MATCH) | (1ULL << <int> IF_NONE_MATCH) | (1ULL << <int> IF_RANGE)
    | (1ULL << <int> IF_MODIFIED_SINCE) | (1ULL << <int> IF_UNMODIFIED_SINCE)
)
cdef frozenset SAFE = frozenset((
    b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PROPFIND", b"SEARCH", b"QUERY"))


cdef class Caching(Terms):

    cdef Response answer(self, Exchange exchange):
        cdef Zone zone = self.zone
        cdef Visit visit
        if isinstance(exchange.cache, Visit) and (<Visit> exchange.cache).background:
            return self._answer(exchange, <Visit> exchange.cache)
        exchange.cache = None
        self.origin.announce(exchange)
        if zone is None:
            zone = self._zone(exchange)
            if zone is None:
                if exchange.failure is not None:
                    return fault(exchange, 500)
                return self.origin.answer(exchange)
        if self.purge is not None and any_true(self.purge, exchange):
            return self._purge(exchange, zone)
        if exchange.method not in self.methods:
            return self._pass(exchange, zone)
        if self.content_first and exchange.body is not None and exchange.stored_body is None:
            store_body(exchange)
        visit = visit_of(self, exchange, zone)
        exchange.cache = visit
        if self.suspicion is not None and exchange.method not in PLAIN:
            # What must not be stored for its request must not be answered with another's either.
            visit.reason = self.suspicion.of_request(exchange)
            if visit.reason != STORED:
                warn_of(exchange, visit.reason)
                visit.cacheable = False
                visit.status = BYPASS
                return fetch(self, exchange, visit)
        return self._answer(exchange, visit)

    cdef Response _pass(self, Exchange exchange, Zone zone):
        """A method that is not answered from the cache; by the RFC it may change what is there."""
        cdef double asked_at = wall()
        cdef Response response = self.origin.ask(exchange)
        cdef Visit visit
        if not response.from_upstream:
            return self.origin.finish(exchange, response)
        if self.rules.rfc and exchange.method not in SAFE:
            invalidate(zone, self.key, exchange, response)
            if exchange.method == b"POST" and is_of_target(exchange, response):
                # RFC 9110 §9.3.3: with its own target as Content-Location it is what GET would get.
                visit = visit_of(self, exchange, zone)
                response = store_answer(self, exchange, visit, response, asked_at,
                                        zone.purges(visit.number))
                response.cached = False
        self.origin.dress(exchange, response)
        return self.origin.finish(exchange, response)

    cpdef object preview(self, Exchange exchange):
        return self.origin.preview(exchange)

    cdef Zone _zone(self, Exchange exchange):
        """The zone that a name with variables stands for; None: none, or a failure."""
        cdef bytes name = self.zone_name.evaluate(exchange)
        if not name:
            return None
        found = self.zones.get(name.decode("utf-8", "replace"))
        if found is None:
            exchange.failure = b'cache "%s" not found' % name
        return <Zone> found

    cdef Response _answer(self, Exchange exchange, Visit visit):
        cdef Zone zone = visit.zone
        cdef double now = wall()
        cdef Entry entry
        cdef Response response
        cdef int uses
        if self.bypass is not None and any_true(self.bypass, exchange):
            visit.status = BYPASS
            select_entry(self, exchange, visit)
            zone.uses.touch(visit.number, <uint32_t> now)
            return fetch(self, exchange, visit)
        entry = select_entry(self, exchange, visit)
        uses = zone.uses.touch(visit.number, <uint32_t> now)
        if entry is not None:
            if is_fresh(self, exchange, entry, now) and not visit.background:
                response = from_entry(self, exchange, visit, entry, HIT)
                if response is not None:
                    return response
            else:
                visit.stale = entry
                response = self._stale(exchange, visit, now)
                if response is not None:
                    return response
        if visit.stale is None:
            visit.status = MISS
            if self.rules.rfc and said(exchange).flags & ONLY_IF_CACHED:
                return fault(exchange, 504)
            if uses < self.min_uses:
                visit.cacheable = False
                visit.reason = TOO_FEW_USES
        if self.range_offset >= 0 and self._range_too_far(exchange):
            self._pass_range(exchange, visit)
        if visit.cacheable and self.lock and not visit.claimed and not visit.ranged and (
                visit.stale is None or self.rules.rfc):
            response = wait_for_answer(self, exchange, visit)
            if response is not None:
                return response
        return fetch(self, exchange, visit)

    cdef Response _stale(self, Exchange exchange, Visit visit, double now):
        """A stale answer is there: serve it while it is fetched anew, or return None."""
        cdef Entry entry = visit.stale
        # One that is fresh and yet does not do is what the request does not want.
        cdef bint old = entry.mark.fresh_until <= now
        cdef bint revalidating = old and entry.mark.updating_until > now
        cdef bint will_do = old and (revalidating or self.use_stale & STALE_UPDATING)
        cdef bint background = self.background_update or (self.rules.rfc and revalidating)
        cdef Response response
        visit.status = EXPIRED
        if entry.mark.flags & NO_STALE or visit.background:
            will_do = False
        if visit.claimed:
            return None
        if visit.zone.claims.take(visit.number) != ELSEWHERE:
            visit.claimed = True
            if not will_do or not background:
                return None
            update_in_background(exchange, visit)
            response = from_entry(self, exchange, visit, entry, STALE)
        elif will_do:
            response = from_entry(self, exchange, visit, entry, UPDATING)
        else:
            return None
        return response

    cdef bint _range_too_far(self, Exchange exchange):
        cdef bytes value = exchange.head.fields.known_value(RANGE)
        cdef bytes first
        if value is None or value[:6].lower() != b"bytes=":
            return False
        first = value[6:].lstrip().partition(b"-")[0]
        return not first.isdigit() or int(first) >= self.range_offset

    cdef int _pass_range(self, Exchange exchange, Visit visit) except -1:
        """Let the origin answer the client's range: what comes is kept where parts are."""
        cdef Fields asked = exchange.head.fields
        if not self.rules.parts or exchange.method != b"GET" or (
                exchange.parent is not None and not visit.background):
            visit.cacheable = False
            visit.reason = RANGE_OFFSET
            return 0
        visit.ranged = True
        if asked.seen & CONDITIONS:
            visit.as_sent = True        # whoever has something already, asks about that
        elif visit.stale is not None:
            visit.range = asked.known_value(RANGE)
        elif not want_missing(self, exchange, visit):
            visit.as_sent = True
        return 0

    def _purge(self, Exchange exchange, Zone zone):
        """proxy_cache_purge: what this request would get goes. Waits."""
        key = self.key.evaluate(exchange)
        wildcard = key.endswith(b"*")
        soft = exchange.head.fields.get(b"x-cache-soft") is not None
        gate = Waiting()
        found = (purge.chosen(of_prefix(key[:-1]), soft) if wildcard
                 else purge.one(store_key(key), soft))
        if not purge.submit(zone, found, gate, None if wildcard else store_key(key)):
            return fault(exchange, 503)
        (<Waiting> gate).wait()
        return fault(exchange, 204 if (<Waiting> gate).outcome else 404)


cdef class Waiting:
    """A greenlet waits for what the scribe's thread does."""

    cdef public object outcome
    cdef Gate gate

    def __cinit__(self):
        self.gate = Gate.__new__(Gate)

    cdef int wait(self) except -1:
        self.gate.wait()
        return 0

    def __call__(self, outcome):
        """In the scribe's thread."""
        self.outcome = outcome
        poller.loop.run_callback_threadsafe(self._open)

    def _open(self):
        self.gate.open()
