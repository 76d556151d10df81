"""Serving from a zone: what comes between a location and its origin.

A hit is answered from the store's map, before anything waits. All else asks the origin; what may be
stored is taken over by a fill, which goes on whatever becomes of the client. With proxy_cache_lock
one asks for all: those of its process follow its answer as it comes, those of others as soon as it
is stored.
"""

import os

from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memset

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.cache.background cimport update_in_background
from forkproxy.cache.decide cimport (
    IGNORE_VARY, LOCK_TIMEOUT, NOT_WANTED, RANGE_OFFSET, STORED, STORE_BUSY, TOO_FEW_USES,
    UPSTREAM_FAILED, Lifetime, judge, satisfies,
)
from forkproxy.cache.entry cimport (
    ASK_FIRST, ETAG_PART, HEAD_ONLY, IN_FILE, IS_IMMUTABLE, NO_STALE, REASON, SPLIT, TAGS,
    VARY as VARY_PART, Entry, EntryBody, Mark, entry_of, pack, remarked,
)
from forkproxy.cache.fill cimport COMES, UNSTORED, Fill
from forkproxy.cache.invalidate cimport invalidate, is_of_target
from forkproxy.cache.variant cimport store_key, variant_key
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport (
    BYPASS, EXPIRED, HIT, MISS, REVALIDATED, STALE, UPDATING, Zone,
)
from forkproxy.clock cimport wall
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, truth
from forkproxy.core.faults cimport fault, reason_of
from forkproxy.core.plan cimport Handler
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport poller
from forkproxy.shared.claims cimport ELSEWHERE, OURS
from forkproxy.shared.memory cimport number_of
from forkproxy.wire.fields cimport (
    ACCEPT_RANGES, CACHE_CONTROL, DATE, ETAG, LAST_MODIFIED, RANGE, VARY, Fields,
)
from forkproxy.wire.freshness cimport ONLY_IF_CACHED, CacheControl, cache_control, vary_names

from forkproxy.cache import purge, variant
from forkproxy.cache.entry import file_name
from forkproxy.cache.reasons import Reason
from forkproxy.cache.scribe import Job, scribe
from forkproxy.cache.shelf import tags_of
from forkproxy.errors import PeerError

DEF LOOK_AGAIN = 0.005          # seconds between two looks at what another process does, at first
DEF LOOK_SELDOM = 0.05

cdef dict STALE_STATUSES = {500: STALE_500, 502: STALE_502, 503: STALE_503, 504: STALE_504,
                            403: STALE_403, 404: STALE_404, 429: STALE_429}
# The words of proxy_cache_use_stale.
CONDITIONS = {
    "error": STALE_ERROR, "timeout": STALE_TIMEOUT, "invalid_header": STALE_INVALID_HEADER,
    "updating": STALE_UPDATING, "http_500": STALE_500, "http_502": STALE_502, "http_503": STALE_503,
    "http_504": STALE_504, "http_403": STALE_403, "http_404": STALE_404, "http_429": STALE_429,
}
# Of an answer, what concerns the connection it came on (RFC 9110 §7.6.1), or is told otherwise.
cdef tuple UNSTORED_FIELDS = (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer",
                              b"transfer-encoding", b"upgrade", b"age")
# RFC 9111 §3.2: what a 304 says anew about a stored answer, but for what tells about octets that it
# does not bring: they are those that are stored.
cdef frozenset NOT_FRESHENED = frozenset((
    b"content-length", b"content-encoding", b"content-range", b"content-md5", b"content-digest",
    b"repr-digest", b"etag", b"transfer-encoding", b"connection", b"keep-alive", b"trailer",
    b"upgrade", b"age"))
cdef frozenset SAFE = frozenset((
    b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"PROPFIND", b"SEARCH", b"QUERY"))


cdef class Caching(Handler):

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
        if self.purge is not None and _any(self.purge, exchange):
            return self._purge(exchange, zone)
        if exchange.method not in self.methods:
            return self._pass(exchange, zone)
        visit = self._visit(exchange, zone)
        exchange.cache = visit
        return self._answer(exchange, visit)

    cdef Visit _visit(self, Exchange exchange, Zone zone):
        cdef Visit visit = Visit.__new__(Visit)
        cdef bytes front
        visit.zone = zone
        if self.fronts is not None:
            front = <bytes> self.fronts[exchange.client.secure]
            visit.key = store_key(front + exchange.head.target)
        else:
            visit.key = store_key(self.key.evaluate(exchange))
        visit.number = _number(visit.key)
        visit.cacheable = True
        visit.age = -1.0
        visit.place = visit.key
        visit.specs = b""
        return visit

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
                visit = self._visit(exchange, zone)
                response = self._store(exchange, visit, response, asked_at,
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
        cdef int uses = zone.uses.touch(visit.number, <uint32_t> now)
        if self.bypass is not None and _any(self.bypass, exchange):
            visit.status = BYPASS
            self._select(exchange, visit)
            return self._fetch(exchange, visit)
        entry = self._select(exchange, visit)
        if entry is not None:
            if self._fresh(exchange, entry, now) and not visit.background:
                response = self._from_entry(exchange, visit, entry, HIT)
                if response is not None:
                    return response
            else:
                visit.stale = entry
                response = self._stale(exchange, visit, now)
                if response is not None:
                    return response
        if visit.stale is None:
            visit.status = MISS
            if self.rules.rfc and _said(exchange).flags & ONLY_IF_CACHED:
                return fault(exchange, 504)
            if uses < self.min_uses:
                visit.cacheable = False
                visit.reason = TOO_FEW_USES
        if self.range_offset >= 0 and self._range_too_far(exchange):
            visit.cacheable = False
            visit.reason = RANGE_OFFSET
        if visit.cacheable and self.lock and not visit.claimed and (
                visit.stale is None or self.rules.rfc):
            response = self._await(exchange, visit)
            if response is not None:
                return response
        return self._fetch(exchange, visit)

    cdef Entry _select(self, Exchange exchange, Visit visit):
        """The stored answer for this request: of several, the one that fits (RFC 9111 §4.1)."""
        cdef Entry entry = visit.zone.find(visit.key, visit.number)
        cdef bytes place
        visit.place = visit.key
        visit.specs = b""
        if entry is None:
            return None
        if entry.mark.flags & SPLIT:
            visit.specs = entry.part(VARY_PART)
            entry.drop()
            for spec in visit.specs.split(b"\n"):
                place = variant_key(visit.key, <bytes> spec, exchange.head.fields, self.rules.rfc)
                entry = visit.zone.find(place, _number(place))
                if entry is not None:
                    visit.place = place
                    break
            else:
                return None
        if entry.mark.flags & HEAD_ONLY and self.rules.rfc and exchange.method != b"HEAD":
            entry.drop()
            return None
        return entry

    cdef bint _fresh(self, Exchange exchange, Entry entry, double now):
        if self.rules.rfc and (exchange.head.fields.seen >> <int> CACHE_CONTROL) & 1:
            return satisfies(_said(exchange), entry, now)
        return now < entry.mark.fresh_until and not entry.mark.flags & ASK_FIRST

    cdef Response _from_entry(self, Exchange exchange, Visit visit, Entry entry, int status):
        """The answer that an entry holds; None where its file has gone."""
        cdef Fields fields
        cdef Response response
        cdef long long length = entry.mark.length
        cdef double age
        cdef int fd
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
        visit.identity = entry.mark.identity
        response.from_upstream = response.cached = True
        response.allow_ranges = (self.rules.rfc or self.force_ranges
                                 or fields.find_known(ACCEPT_RANGES) >= 0)
        exchange.upstream_fields = fields
        visit.status = status
        visit.zone.count_status(status, length)
        age = wall() - entry.mark.born_at
        visit.age = age if age > 0.0 else 0.0
        if self.rules.rfc:
            fields.set(b"Age", b"%d" % <long long> visit.age)
            response.date = fields.known_value(DATE)
        return self._shown(exchange, visit, response)

    cdef Response _shown(self, Exchange exchange, Visit visit, Response response):
        if response.from_upstream:
            self.origin.dress(exchange, response)
            if self.rules.rfc and response.date is None:
                response.date = response.fields.known_value(DATE)
        if self.status_header is not None:
            response.fields.add(b"Cache-Status", self._cache_status(visit))
        return self.origin.finish(exchange, response)

    def _cache_status(self, Visit visit):
        """RFC 9211: what this cache did with the request."""
        parts = [self.status_header]
        if visit.status in (HIT, STALE, UPDATING, REVALIDATED):
            parts.append(b"hit")
            if visit.status == STALE or visit.status == UPDATING:
                parts.append(b"detail=stale")
        else:
            parts.append(b"fwd=" + {BYPASS: b"bypass", EXPIRED: b"stale"}.get(
                visit.status, b"vary-miss" if visit.specs else b"uri-miss"))
            if visit.reason == STORED and visit.cacheable:
                parts.append(b"stored")
            elif visit.reason:
                parts.append(b"detail=" + Reason(visit.reason).shown.encode())
        return b"; ".join(parts)

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
            response = self._from_entry(exchange, visit, entry, STALE)
        elif will_do:
            response = self._from_entry(exchange, visit, entry, UPDATING)
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

    cdef Response _await(self, Exchange exchange, Visit visit):
        """One fetches for all: become that one (None), or wait for it. Waits."""
        cdef Zone zone = visit.zone
        cdef double began = poller.now, waited, step, seldom = LOOK_AGAIN
        cdef Fill fill
        cdef Gate gate
        cdef Entry entry
        cdef int claimed
        cdef Response response
        while True:
            fill = <Fill> zone.fills.get(visit.key)
            claimed = zone.claims.take(visit.number)
            waited = poller.now - began
            if claimed == ELSEWHERE and waited >= self.lock_age or (
                    fill is not None and poller.now - fill.began >= self.lock_age):
                zone.claims.usurp(visit.number)
                claimed = OURS
            if claimed != ELSEWHERE:
                self._become(visit)
                return None
            if fill is not None and fill.stage == COMES and fill.framed and self._fits(
                    exchange, visit, fill):
                return self._follow(exchange, visit, fill)
            if waited >= self.lock_timeout:
                visit.cacheable = False
                visit.reason = LOCK_TIMEOUT
                return None
            if fill is not None:
                step = min(self.lock_timeout - waited, fill.began + self.lock_age - poller.now)
                fill.wait(max(0.001, step))
                if fill.stage == UNSTORED:
                    return None
            else:
                gate = Gate.__new__(Gate)
                gate.wait_for(max(0.001, min(seldom, self.lock_timeout - waited,
                                             self.lock_age - waited)))
                seldom = min(LOOK_SELDOM, 2.0 * seldom)
            entry = self._select(exchange, visit)
            if entry is not None and self._fresh(exchange, entry, wall()):
                response = self._from_entry(exchange, visit, entry, HIT)
                if response is not None:
                    return response

    def _become(self, Visit visit):
        """Be the one who fetches, where others of this process find it."""
        cdef Fill fill = Fill.__new__(Fill)
        fill.zone = visit.zone
        fill.key = visit.key
        fill.number = visit.number
        fill.claimed = True
        fill.known = True
        fill.began = poller.now
        visit.fill = fill
        visit.zone.fills[visit.key] = fill

    cdef bint _fits(self, Exchange exchange, Visit visit, Fill fill):
        """Whether what comes is the answer for this request too."""
        if not fill.spec:
            return True
        return fill.place == variant_key(visit.key, fill.spec, exchange.head.fields, self.rules.rfc)

    cdef Response _follow(self, Exchange exchange, Visit visit, Fill fill):
        cdef Entry head = fill.head()
        cdef Response response = Response(head.mark.status, head.fields())
        if head.mark.reason:
            response.reason = head.part(REASON)
        response.body = fill.follow()
        exchange.defer((<object> response.body).close)
        response.from_upstream = response.cached = True
        response.allow_ranges = response.single_range = (
            self.rules.rfc or self.force_ranges or response.fields.find_known(ACCEPT_RANGES) >= 0)
        exchange.upstream_fields = response.fields
        visit.status = HIT
        visit.zone.count_status(HIT, response.body.length)
        return self._shown(exchange, visit, response)

    cdef Response _fetch(self, Exchange exchange, Visit visit):
        """Ask the origin; store what may be stored. Waits."""
        try:
            self._prepare(visit)
            return self._ask(exchange, visit)
        except PeerError as error:
            # Of an answer whose content is broken at its very front.
            exchange.report("error", error.reason)
            return fault(exchange, error.status)
        finally:
            # Whoever has not been handed over by now goes on by himself.
            self._let_go(visit, UPSTREAM_FAILED)

    cdef int _prepare(self, Visit visit) except -1:
        """By what the origin is asked whether the stale answer is still good."""
        cdef Entry stale = visit.stale
        if stale is None or not visit.cacheable or not (self.rules.revalidate or self.rules.rfc):
            return 0
        if stale.mark.status != 200 and stale.mark.status != 206:
            return 0
        visit.etag = stale.part(ETAG_PART) or None
        visit.modified = stale.fields().known_value(LAST_MODIFIED)
        return 0

    cdef Response _ask(self, Exchange exchange, Visit visit):
        cdef bytes method = exchange.method
        cdef double asked_at = wall()
        cdef uint64_t purges = visit.zone.purges(visit.number)
        cdef Response response
        exchange.for_cache = visit.cacheable
        if self.convert_head and method == b"HEAD":
            exchange.method = b"GET"
        try:
            response = self.origin.ask(exchange)
            response = self._took(exchange, visit, response, asked_at)
            if response.from_upstream and not response.cached:
                response = self._store(exchange, visit, response, asked_at, purges)
                visit.zone.count_status(visit.status, _length(response))
                return self._shown(exchange, visit, response)
            return response
        finally:
            exchange.for_cache = False
            exchange.method = method

    cdef Response _took(self, Exchange exchange, Visit visit, Response response, double asked_at):
        """What the origin's answer means for a stale one: it is served, freshened, or replaced."""
        cdef double now = wall()
        cdef Response served
        if visit.stale is None or visit.status == BYPASS:
            if not response.from_upstream:
                return self._not_answered(exchange, visit, response)
            return response
        if response.from_upstream and response.status == 304 and (
                visit.etag is not None or visit.modified is not None):
            return self._freshened(exchange, visit, response, asked_at)
        if self._stale_will_do(visit, response, now) and not visit.background:
            served = self._from_entry(exchange, visit, visit.stale, STALE)
            if served is not None:
                if response.body is not None:
                    response.body.close()
                return served
        if not response.from_upstream:
            return self._not_answered(exchange, visit, response)
        return response

    def _not_answered(self, Exchange exchange, Visit visit, Response response):
        visit.zone.count_status(visit.status, 0)
        return self.origin.finish(exchange, response)

    cdef bint _stale_will_do(self, Visit visit, Response response, double now):
        cdef int condition = STALE_STATUSES.get(response.status, 0)
        cdef Entry stale = visit.stale
        if stale.mark.flags & NO_STALE:
            return False
        if response.from_upstream:
            if condition & self.use_stale:
                return True
            # RFC 5861 §4 counts 500, 502, 503 and 504 as errors; nginx does not.
            return (self.rules.rfc and response.status in (500, 502, 503, 504)
                    and stale.mark.error_until > now)
        if stale.mark.error_until > now:
            return True
        condition = STALE_TIMEOUT if response.status == 504 else STALE_ERROR | STALE_INVALID_HEADER
        return condition & self.use_stale != 0

    cdef Response _store(self, Exchange exchange, Visit visit, Response response, double asked_at,
                         unsigned long long purges):
        """Hand an answer over to a fill; or say why not, and return it as it is."""
        cdef Lifetime lifetime = None
        cdef Fields fields
        cdef Fill fill = visit.fill
        cdef int reason = visit.reason
        response.cached = visit.cacheable
        if visit.cacheable and not reason:
            lifetime = judge(self.rules, exchange.head.fields, response.status, response.fields,
                             asked_at, wall())
            reason = lifetime.reason
            if not reason and self.no_cache is not None and _any(self.no_cache, exchange):
                reason = NOT_WANTED
            if not reason and self.suspicion is not None and exchange.method != b"POST":
                reason = self._suspicious(exchange, response)
        if reason:
            visit.reason = reason
            visit.zone.note_refusal(reason, visit.key)
            self._let_go(visit, reason)
            return response
        response.allow_ranges = (self.rules.rfc or self.force_ranges
                                 or response.fields.find_known(ACCEPT_RANGES) >= 0)
        if fill is None:
            fill = Fill.__new__(Fill)
            fill.zone = visit.zone
            fill.key = visit.key
            fill.number = visit.number
            fill.claimed = visit.claimed
            fill.began = poller.now
        visit.fill = None
        visit.claimed = False
        fill.purges = purges
        fill.cause = visit.status
        fields = self._stored_fields(response, lifetime)
        self._place(exchange, visit, fill, fields)
        if response.body is not None:
            exchange.defer_no_more((<object> response.body).close)
        try:
            response = fill.begin(response, fields, lifetime, self._tags(fields))
        except BaseException:
            fill.give_up(STORE_BUSY)
            raise
        if response.body is not None:
            response.single_range = not isinstance(response.body, EntryBody)
            exchange.defer((<object> response.body).close)
        return response

    def _suspicious(self, Exchange exchange, Response response):
        reason = self.suspicion.of_request(exchange) or self.suspicion.of_answer(exchange, response)
        if reason:
            exchange.report("warn", f"not stored in the cache: {Reason(reason).shown}")
        return reason

    def _stored_fields(self, Response response, Lifetime lifetime):
        """The fields of an answer that are stored with it."""
        cdef Fields fields = response.fields.copy()
        for name in UNSTORED_FIELDS:
            fields.remove(name)
        if lifetime.unstored is not None:
            for name in lifetime.unstored:
                fields.remove(name)
        if response.reason == reason_of(response.status):
            response.reason = None
        return fields

    def _tags(self, Fields fields):
        found = []
        for name in self.tag_fields:
            if fields.find(name) >= 0:
                found += fields.all(name)
        return tags_of(found) if found else b""

    def _place(self, Exchange exchange, Visit visit, Fill fill, Fields fields):
        """Under which key an answer is stored: its own, or where it varies, its variant's."""
        cdef bytes spec = b""
        cdef Mark mark
        fill.place = visit.key
        if not self.rules.ignored & IGNORE_VARY and fields.find_known(VARY) >= 0:
            spec = b",".join(vary_names(fields.joined(b"vary")))
        fill.spec = spec
        if not spec:
            return
        fill.place = variant_key(visit.key, spec, exchange.head.fields, self.rules.rfc)
        memset(&mark, 0, sizeof(Mark))
        mark.flags = SPLIT
        mark.stored_at = wall()
        fill.note = pack(&mark, None, visit.key, b"", b"", variant.with_spec(visit.specs, spec),
                         b"")

    cdef Response _freshened(self, Exchange exchange, Visit visit, Response response,
                             double asked_at):
        """A 304: the stored answer is good for another while (RFC 9111 §4.3.4)."""
        cdef Entry stale = visit.stale
        cdef Fields fields = response.fields
        cdef Lifetime lifetime
        cdef Mark mark
        cdef bytes octets
        if self.rules.rfc:
            fields = _merged(stale.fields(), response.fields)
        lifetime = judge(self.rules, exchange.head.fields, stale.mark.status, fields, asked_at,
                         wall())
        if lifetime.reason and not self.rules.rfc:
            # As nginx: where the 304 gives no lifetime, what is stored says it once more.
            lifetime = judge(self.rules, exchange.head.fields, stale.mark.status, stale.fields(),
                             asked_at, wall())
            if lifetime.reason:
                return self._from_entry(exchange, visit, stale, REVALIDATED)
        mark = stale.mark
        mark.flags &= ~(NO_STALE | ASK_FIRST | IS_IMMUTABLE)
        lifetime.write(&mark)
        mark.stored_at = wall()
        if self.rules.rfc:
            octets = pack(&mark, fields, visit.key, stale.part(TAGS), stale.part(REASON),
                          stale.part(VARY_PART), fields.known_value(ETAG) or b"")
            octets += stale.data[stale.front():stale.size]
        else:
            octets = remarked(stale, &mark)
        if not lifetime.reason:
            visit.zone.pending[visit.place] = octets
            if not scribe.submit(_replacing(visit.zone, visit.place, octets, mark.identity)):
                visit.zone.forget(visit.place, octets)
        return self._from_entry(exchange, visit, entry_of(octets), REVALIDATED)

    cdef int _let_go(self, Visit visit, int reason) except -1:
        """Free who waits for us: there is nothing to wait for."""
        cdef Fill fill = visit.fill
        if fill is not None:
            visit.fill = None
            fill.give_up(reason)
        if visit.claimed:
            visit.claimed = False
            visit.zone.claims.release(visit.number)
        return 0

    def _purge(self, Exchange exchange, Zone zone):
        """proxy_cache_purge: what this request would get goes. Waits."""
        key = self.key.evaluate(exchange)
        wildcard = key.endswith(b"*")
        soft = exchange.head.fields.get(b"x-cache-soft") is not None
        gate = Waiting()
        found = purge.prefix(key[:-1], soft) if wildcard else purge.one(store_key(key), soft)
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


def _replacing(zone, place, octets, identity):
    """What the scribe has to do for a freshened entry."""

    def done(_outcome):
        zone.forget(place, octets)

    return Job(zone, len(octets), lambda shelf: shelf.replace(place, octets, identity), done)


cdef uint64_t _number(bytes key) noexcept:
    return number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key))


cdef long long _length(Response response) noexcept:
    return -1 if response.body is None else response.body.length


cdef Fields _merged(Fields stored, Fields news):
    """The stored fields with what a 304 says anew."""
    cdef set names = {name.lower() for name, _ in news.items()} - NOT_FRESHENED
    for name in names:
        stored.remove(name)
    for name, value in news.items():
        if name.lower() in names:
            stored.add(name, value)
    return stored


cdef CacheControl _said(Exchange exchange):
    """What the request's Cache-Control demands."""
    return cache_control(exchange.head.fields.joined(b"cache-control"))


cdef bint _any(list expressions, Exchange exchange) except *:
    for expression in expressions:
        if truth((<Expression> expression).evaluate(exchange)):
            return True
    return False
