"""limit_req: how often each key may ask, counted as nginx counts, over all workers.

    limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;
    limit_req      zone=one burst=20 nodelay;
    limit_req      zone=one ban=5m;         # who goes over it is refused for five minutes
"""

from libc.stdint cimport int64_t, uint64_t

from forkproxy.clock cimport monotonic
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression, Finding
from forkproxy.core.faults cimport fault
from forkproxy.core.plan cimport Location, Step
from forkproxy.net.delay cimport delay
from forkproxy.shared.bans cimport BanTable
from forkproxy.shared.counters cimport RateTable, tag_of
from forkproxy.shared.scoreboard cimport (
    LIMIT_REQ_DELAYED, LIMIT_REQ_DELAYED_DRY_RUN, LIMIT_REQ_PASSED, LIMIT_REQ_REJECTED,
    LIMIT_REQ_REJECTED_DRY_RUN,
)
from forkproxy.shared.tally cimport Tally

from forkproxy.shared import bans
from forkproxy.shared import counters

DEF MOST = 16                   # limits of one location
DEF LONGEST_KEY = 65535

cdef enum Outcome:
    NO_KEY
    WITHIN
    OVER
    BANNED

# A delay is logged one level below a refusal.
LOWER = {"error": "warn", "warn": "notice", "notice": "info", "info": "info"}


cdef class Limit:
    """One limit_req line."""

    cdef str zone
    cdef RateTable table
    cdef BanTable bans              # None: nobody is banned
    cdef Tally tally
    cdef Expression key
    cdef int64_t rate               # 1/1000 of a request a second
    cdef int64_t burst              # 1/1000 of a request
    cdef int64_t delay              # from where on a request waits; likewise
    cdef int64_t ban                # milliseconds
    cdef bytes policy               # RateLimit-Policy


cdef class LimitReq(Step):
    """The limits of one location."""

    cdef tuple limits
    cdef Finding variable
    cdef int status
    cdef bint dry_run
    cdef bint headers
    cdef str level
    cdef str delay_level

    cdef Response run(self, Exchange exchange):
        cdef uint64_t tags[MOST]
        cdef int64_t excesses[MOST]
        cdef int64_t now
        cdef int index, count = len(self.limits)
        cdef Limit limit = None
        cdef Outcome outcome, overall = NO_KEY
        if self.variable.found(exchange):
            return None             # once a request, however often it is redirected inside
        # Not the turn's time: where there is no burst, a request that seems early is refused.
        now = <int64_t> (monotonic() * 1000.0)
        for index in range(count):
            limit = <Limit> self.limits[index]
            outcome = _look(exchange, limit, now, index == count - 1, &tags[index],
                            &excesses[index])
            if outcome == OVER or outcome == BANNED:
                return self._refuse(exchange, limit, outcome == BANNED, now, excesses[index])
            if outcome == WITHIN:
                overall = WITHIN
        if overall == NO_KEY:
            return None
        if count > 1:
            index = self._take_others(tags, excesses, now)
            if index >= 0:
                limit = <Limit> self.limits[index]
                return self._refuse(exchange, limit, False, now, excesses[index])
        return self._admit(exchange, tags, excesses)

    cdef int _take_others(self, uint64_t* tags, int64_t* excesses, int64_t now) noexcept:
        """Count the request in all limits but the last; return the one that refuses after all.

        Another worker may have taken what was there when we looked. Then nothing is counted.
        """
        cdef int index, other, last = len(self.limits) - 1
        cdef Limit limit
        for index in range(last):
            limit = <Limit> self.limits[index]
            if not tags[index] or limit.table.take(tags[index], now, limit.rate, limit.burst,
                                                   &excesses[index]):
                continue
            for other in range(last + 1):
                if tags[other] and (other < index or other == last):
                    (<Limit> self.limits[other]).table.give_back(tags[other])
            return index
        return -1

    cdef Response _admit(self, Exchange exchange, uint64_t* tags, int64_t* excesses):
        """Let it through, at once or after the longest of its delays."""
        cdef int index, worst = -1
        cdef int64_t wait, excess, longest = 0
        cdef Limit limit
        for index in range(<int> len(self.limits) - 1, -1, -1):
            if not tags[index]:
                continue
            limit = <Limit> self.limits[index]
            wait = (excesses[index] - limit.delay) * 1000 // limit.rate
            if worst < 0 or wait > longest:
                worst = index
                longest = wait
        limit = <Limit> self.limits[worst]
        excess = excesses[worst]
        if self.headers:
            _tell(exchange, limit, excess)
        if longest <= 0:
            limit.tally.add(LIMIT_REQ_PASSED)
            self.variable.keep(exchange, b"PASSED")
            return None
        exchange.report(self.delay_level, f"delaying request{', dry run' if self.dry_run else ''}, "
                                          f"excess: {_shown(excess)}, by zone \"{limit.zone}\"")
        if self.dry_run:
            limit.tally.add(LIMIT_REQ_DELAYED_DRY_RUN)
            self.variable.keep(exchange, b"DELAYED_DRY_RUN")
            return None
        limit.tally.add(LIMIT_REQ_DELAYED)
        self.variable.keep(exchange, b"DELAYED")
        delay(None if exchange.background else exchange.client.stream, longest / 1000.0)
        return None

    cdef Response _refuse(self, Exchange exchange, Limit limit, bint banned, int64_t now,
                          int64_t excess):
        cdef str dry_run = ", dry run" if self.dry_run else ""
        cdef int64_t wait
        if banned:
            exchange.report(self.level,
                            f"limiting requests{dry_run}, banned by zone \"{limit.zone}\"")
        else:
            exchange.report(self.level, f"limiting requests{dry_run}, excess: {_shown(excess)} "
                                        f"by zone \"{limit.zone}\"")
        if self.dry_run:
            limit.tally.add(LIMIT_REQ_REJECTED_DRY_RUN)
            self.variable.keep(exchange, b"REJECTED_DRY_RUN")
            return None
        limit.tally.add(LIMIT_REQ_REJECTED)
        self.variable.keep(exchange, b"REJECTED")
        if limit.bans is not None and not banned:
            limit.bans.ban(limit.key.evaluate(exchange), now + limit.ban)
        if self.headers:
            _tell(exchange, limit, excess)
            wait = (excess - limit.burst + limit.rate - 1) // limit.rate
            if limit.bans is not None:
                wait = (limit.bans.left(tag_of(limit.key.evaluate(exchange)), now) + 999) // 1000
            exchange.carry(b"Retry-After", [b"%d" % max(wait, 1)])
        return fault(exchange, self.status)


cdef Outcome _look(Exchange exchange, Limit limit, int64_t now, bint last, uint64_t* tag,
                   int64_t* excess) except *:
    """Ask one limit, and count the request where it is the last."""
    cdef bytes key = limit.key.evaluate(exchange)
    tag[0] = 0
    if not key:
        return NO_KEY
    if len(key) > LONGEST_KEY:
        exchange.report("error", f"the value of the \"{limit.key.text}\" key is more than "
                                 f"{LONGEST_KEY} bytes")
        return NO_KEY
    tag[0] = tag_of(key)
    if limit.bans is not None and limit.bans.left(tag[0], now) > 0:
        excess[0] = limit.burst + 1000
        return BANNED
    if last:
        return WITHIN if limit.table.take(tag[0], now, limit.rate, limit.burst, excess) else OVER
    return WITHIN if limit.table.peek(tag[0], now, limit.rate, limit.burst, excess) else OVER


cdef str _shown(int64_t excess):
    return f"{excess // 1000}.{excess % 1000:03}"


cdef int _tell(Exchange exchange, Limit limit, int64_t excess) except -1:
    """draft-ietf-httpapi-ratelimit-headers-10: the policy, what is left, until when it is whole."""
    cdef int64_t left = max(limit.burst + 1000 - max(excess, 0) - 1000, 0) // 1000
    cdef int64_t whole = (excess + limit.rate - 1) // limit.rate
    exchange.carry(b"RateLimit-Policy", [limit.policy])
    exchange.carry(b"RateLimit", [b'"%s";r=%d;t=%d' % (limit.zone.encode(), left, whole)])
    return 0


def define(http, making):
    """Make $limit_req_status and the zones of the http level known."""
    making.slots["limit_req_status"] = Finding("limit_req_status", making.next_index())


def install(scope, Location location not None, making):
    """Hang the limit_req lines of a scope on a location's preaccess phase."""
    cdef LimitReq made
    lines = scope.lines("limit_req")
    if not lines:
        return
    zones = {line.value.name: line.value for line in scope.lines("limit_req_zone")}
    made = LimitReq.__new__(LimitReq)
    made.limits = tuple(_limit(line.value, zones[line.value.zone], making) for line in lines)
    made.variable = making.slots["limit_req_status"]
    made.status = scope.value("limit_req_status")
    made.dry_run = scope.value("limit_req_dry_run")
    made.headers = scope.value("limit_headers")
    made.level = scope.value("limit_req_log_level")
    made.delay_level = LOWER[made.level]
    location.preaccess = location.preaccess + (made,)


cdef Limit _limit(settings, zone, making):
    cdef Limit made = Limit.__new__(Limit)
    cdef int64_t quota = settings.burst + 1
    made.zone = zone.name
    made.table = counters.table(RateTable, zone.name, zone.size)
    made.tally = making.tally("limit_req", zone.name)
    made.key = making.expression(zone.key)
    made.rate = zone.rate
    made.burst = settings.burst * 1000
    made.delay = 1LL << 50 if settings.delay < 0 else settings.delay * 1000
    made.policy = b'"%s";q=%d;w=%d' % (zone.name.encode(), quota,
                                       (quota * 1000 + zone.rate - 1) // zone.rate)
    if settings.ban:
        made.ban = int(settings.ban * 1000)
        made.bans = bans.of(zone.name)
    return made
