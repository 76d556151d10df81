"""limit_req: how often each key may ask, counted as nginx counts, over all workers.

    limit_req_zone $binary_remote_addr zone=one:10m rate=10r/s;
    limit_req      zone=one burst=20 nodelay;
    limit_req      zone=one ban=5m;         # who goes over it is refused for five minutes
    limit_req_zone $remote_user zone=day:1m rate=1r/m lasting;  # outlives a restart
"""

from libc.stdint cimport int64_t, uint64_t

from forkproxy.clock cimport monotonic_ns
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location
from forkproxy.features.limits cimport Limit, Limits, configure, name, zones_of
from forkproxy.net.delay cimport delay
from forkproxy.shared.bans cimport BanTable
from forkproxy.shared.rates cimport Rate, RateTable, excess_of, rate_of
from forkproxy.shared.scoreboard cimport (
    LIMIT_REQ_DELAYED, LIMIT_REQ_DELAYED_DRY_RUN, LIMIT_REQ_PASSED, LIMIT_REQ_REJECTED,
    LIMIT_REQ_REJECTED_DRY_RUN,
)
from forkproxy.shared.tag cimport tag_of

from forkproxy.features import limits
from forkproxy.shared import bans
from forkproxy.shared import counters

DEF MOST = 16                   # limits of one location; the directive takes no more
DEF LONGEST_KEY = 65535
DEF SECOND = 1000000000         # nanoseconds
DEF NEVER = 1 << 62             # nobody is so far ahead

cdef enum Outcome:
    NO_KEY
    WITHIN
    OVER
    BANNED

# A delay is logged one level below a refusal.
LOWER = {"error": "warn", "warn": "notice", "notice": "info", "info": "info"}


cdef class ReqLimit(Limit):
    """One limit_req line. What is counted in nanoseconds is how far a key is ahead of its rate."""

    cdef RateTable table
    cdef BanTable bans              # None: nobody is banned
    cdef int64_t frequency          # 1/1000 of a request a second
    cdef int64_t burst              # requests
    cdef int64_t at_once            # of them those that do not wait; below 0: all
    cdef Rate rate
    cdef int64_t delay              # from where on a request waits
    cdef int64_t ban                # nanoseconds
    cdef bytes policy               # RateLimit-Policy


cdef class LimitReq(Limits):
    """The limits of one location."""

    cdef bint headers
    cdef str delay_level

    cdef Response run(self, Exchange exchange):
        cdef uint64_t tags[MOST]
        cdef int64_t aheads[MOST]
        cdef int64_t now
        cdef int index, count = len(self.limits)
        cdef ReqLimit limit = None
        cdef Outcome outcome, overall = NO_KEY
        if self.variable.found(exchange):
            return None             # once a request, however often it is redirected inside
        now = monotonic_ns()    # not the turn's time: a request that seems early is refused
        for index in range(count):
            limit = <ReqLimit> self.limits[index]
            outcome = _look(exchange, limit, now, index == count - 1, &tags[index],
                            &aheads[index])
            if outcome == OVER or outcome == BANNED:
                return self._refuse(exchange, limit, outcome == BANNED, now, aheads[index])
            if outcome == WITHIN:
                overall = WITHIN
        if overall == NO_KEY:
            return None
        if count > 1:
            index = self._take_others(tags, aheads, now)
            if index >= 0:
                limit = <ReqLimit> self.limits[index]
                return self._refuse(exchange, limit, False, now, aheads[index])
        return self._admit(exchange, tags, aheads)

    cdef int _take_others(self, uint64_t* tags, int64_t* aheads, int64_t now) noexcept:
        """Count the request in all limits but the last; return the one that refuses after all.

        Another worker may have taken what was there when we looked. Then nothing is counted.
        """
        cdef int index, other, last = len(self.limits) - 1
        cdef ReqLimit limit
        for index in range(last):
            limit = <ReqLimit> self.limits[index]
            if not tags[index] or limit.table.take(tags[index], now, &limit.rate, &aheads[index]):
                continue
            for other in range(last + 1):
                if tags[other] and (other < index or other == last):
                    limit = <ReqLimit> self.limits[other]
                    limit.table.give_back(tags[other], &limit.rate)
            return index
        return -1

    cdef Response _admit(self, Exchange exchange, uint64_t* tags, int64_t* aheads):
        """Let it through, at once or after the longest of its delays."""
        cdef int index, worst = -1
        cdef int64_t wait, longest = 0
        cdef ReqLimit limit
        for index in range(<int> len(self.limits) - 1, -1, -1):
            if not tags[index]:
                continue
            limit = <ReqLimit> self.limits[index]
            wait = aheads[index] - limit.delay
            if worst < 0 or wait > longest:
                worst = index
                longest = wait
        limit = <ReqLimit> self.limits[worst]
        if self.headers:
            _tell(exchange, limit, aheads[worst])
        if longest <= 0:
            limit.tally.add(LIMIT_REQ_PASSED)
            self.variable.keep(exchange, b"PASSED")
            return None
        exchange.report(self.delay_level,
                        f"delaying request{', dry run' if self.dry_run else ''}, "
                        f"excess: {_shown(aheads[worst], limit)}, by zone \"{limit.zone}\"")
        if self.dry_run:
            limit.tally.add(LIMIT_REQ_DELAYED_DRY_RUN)
            self.variable.keep(exchange, b"DELAYED_DRY_RUN")
            return None
        limit.tally.add(LIMIT_REQ_DELAYED)
        self.variable.keep(exchange, b"DELAYED")
        delay(None if exchange.background else exchange.client.stream, longest / <double> SECOND)
        return None

    cdef Response _refuse(self, Exchange exchange, ReqLimit limit, bint banned, int64_t now,
                          int64_t ahead):
        cdef str why = "banned" if banned else f"excess: {_shown(ahead, limit)}"
        exchange.report(self.level, f"limiting requests{', dry run' if self.dry_run else ''}, "
                                    f"{why} by zone \"{limit.zone}\"")
        if not self.dry_run:
            self._punish(exchange, limit, banned, now, ahead)
        return self.refusal(exchange, limit, LIMIT_REQ_REJECTED, LIMIT_REQ_REJECTED_DRY_RUN)

    cdef int _punish(self, Exchange exchange, ReqLimit limit, bint banned, int64_t now,
                     int64_t ahead) except -1:
        """Ban where that is wished, and say when to come again."""
        cdef int64_t wait = ahead - limit.rate.burst
        cdef bytes key
        if limit.bans is not None:
            key = limit.key_of(exchange, LONGEST_KEY)
            if not banned:
                limit.bans.ban(tag_of(key), key, now + limit.ban)
            wait = limit.bans.left(tag_of(key), now)
        if self.headers:
            _tell(exchange, limit, ahead)
            exchange.carry(b"Retry-After", [b"%d" % max(_seconds(wait), 1)])
        return 0


cdef Outcome _look(Exchange exchange, ReqLimit limit, int64_t now, bint last, uint64_t* tag,
                   int64_t* ahead) except *:
    """Ask one limit, and count the request where it is the last."""
    cdef bytes key = limit.key_of(exchange, LONGEST_KEY)
    tag[0] = 0
    if not key:
        return NO_KEY
    tag[0] = tag_of(key)
    if limit.bans is not None and limit.bans.left(tag[0], now) > 0:
        ahead[0] = limit.rate.most
        return BANNED
    if last:
        return WITHIN if limit.table.take(tag[0], now, &limit.rate, ahead) else OVER
    return WITHIN if limit.table.peek(tag[0], now, &limit.rate, ahead) else OVER


cdef str _shown(int64_t ahead, ReqLimit limit):
    cdef int64_t excess = excess_of(ahead, &limit.rate)
    return f"{excess // 1000}.{excess % 1000:03}"


cdef int64_t _seconds(int64_t nanoseconds) noexcept:
    return (nanoseconds + SECOND - 1) // SECOND


cdef int _tell(Exchange exchange, ReqLimit limit, int64_t ahead) except -1:
    """draft-ietf-httpapi-ratelimit-headers-10: the policy, what is left, until when it is whole."""
    cdef int64_t left = max(limit.rate.burst - ahead, 0) // limit.rate.interval
    exchange.carry(b"RateLimit-Policy", [limit.policy])
    exchange.carry(b"RateLimit", [b'"%s";r=%d;t=%d' % (limit.zone.encode(), left,
                                                       _seconds(ahead))])
    return 0


def define(http, making):
    """Make $limit_req_status known."""
    limits.define("limit_req", making)


def install(scope, Location location not None, making):
    """Hang the limit_req lines of a scope on a location's preaccess phase."""
    cdef LimitReq made
    cdef dict zones
    lines = scope.lines("limit_req")
    if not lines:
        return
    zones = zones_of("limit_req", scope)
    made = LimitReq.__new__(LimitReq)
    made.limits = tuple(_limit(line.value, zones[line.value.zone], making) for line in lines)
    configure(made, "limit_req", scope, making)
    made.headers = scope.value("limit_headers")
    made.delay_level = LOWER[made.level]
    location.preaccess = location.preaccess + (made,)


cdef ReqLimit _limit(settings, zone, making):
    cdef ReqLimit made = ReqLimit.__new__(ReqLimit)
    name(made, "limit_req", zone, making)
    made.table = counters.table(RateTable, zone.name, zone.size)
    made.table.lasting = zone.lasting
    made.burst = settings.burst
    made.at_once = settings.delay
    _pace(made, zone.rate)
    if settings.ban:
        made.ban = int(settings.ban * SECOND)
        made.bans = bans.of(zone.name)
        made.bans.packed = zone.key_text == "$binary_remote_addr"
        made.bans.lasts = settings.ban
    _agree(made, making.limits.setdefault(zone.name, []))
    return made


cdef int _pace(ReqLimit made, int64_t frequency) except -1:
    """Let so much through."""
    made.frequency = frequency
    made.rate = rate_of(frequency, made.burst)
    made.delay = NEVER if made.at_once < 0 else made.at_once * made.rate.interval
    made.policy = b'"%s";q=%d;w=%d' % (made.zone.encode(), made.burst + 1,
                                       _seconds(made.rate.most))
    return 0


def frequency(list lines not None):
    """Return the rate of a zone, of whose lines there is at least one."""
    return (<ReqLimit> lines[0]).frequency


def change(list lines not None, int64_t frequency):
    """Give all lines of a zone another rate, in 1/1000 of a request a second."""
    cdef ReqLimit line
    cdef int64_t most = 0
    for line in lines:
        _pace(line, frequency)
        most = max(most, line.rate.most)
    for line in lines:
        line.rate.most = most


cdef int _agree(ReqLimit made, list others) except -1:
    """Let all lines of a zone know the largest burst of them: a key may be as far ahead as that."""
    cdef ReqLimit first
    if others:
        first = <ReqLimit> others[0]
        if made.rate.most > first.rate.most:
            for one in others:
                (<ReqLimit> one).rate.most = made.rate.most
        else:
            made.rate.most = first.rate.most
    others.append(made)
    return 0
