"""May this be stored, for how long, and does a stored answer do for this request: pure.

Two sets of rules, chosen by proxy_cache_rfc. nginx's: what X-Accel-Expires, Cache-Control, Expires
and proxy_cache_valid say, in this order; no-cache, no-store, private and Set-Cookie forbid. RFC
9111's: all of §3 and §4, and what it leaves to us: heuristics only where the location allows them.
"""

from forkproxy.cache.entry cimport ASK_FIRST, IS_IMMUTABLE, NO_STALE, Entry, Mark
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.freshness cimport (
    ABSENT, FOREVER, IMMUTABLE, INVALID, MAX_STALE_ANY, MUST_REVALIDATE, MUST_UNDERSTAND, NO_CACHE,
    NO_STORE, PRIVATE, PROXY_REVALIDATE, PUBLIC, CacheControl, age_of, cache_control, delta_seconds,
    vary_names,
)
from forkproxy.wire.names cimport (
    AUTHORIZATION, DATE, ETAG, EXPIRES, LAST_MODIFIED, SET_COOKIE, X_ACCEL_EXPIRES,
    X_ACCEL_REDIRECT,
)

from forkproxy.wire.dates import parse_http_date

# RFC 9111 §4.2.2: "A typical setting of this fraction might be 10%."
DEF HEURISTIC_SHARE = 0.1
DEF HEURISTIC_MOST = 86400.0

# RFC 9110 §15.1: those that may be given a lifetime by heuristics.
cdef frozenset HEURISTIC = frozenset((200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501))
cdef frozenset UNDERSTOOD = frozenset((
    200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406,
    407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 425, 426, 428, 429, 431, 451,
    500, 501, 502, 503, 504, 505,
))


cdef class Rules:

    def __init__(self):
        self.valid = {}
        self.targeted = ()


cdef class Lifetime:

    cdef void write(self, Mark* mark) noexcept:
        mark.flags |= self.flags
        mark.born_at = self.born_at
        mark.fresh_until = self.fresh_until
        mark.updating_until = self.updating_until
        mark.error_until = self.error_until


cdef Lifetime judge(Rules rules, Fields asked, int status, Fields fields, double asked_at,
                    double now):
    cdef Lifetime made = Lifetime.__new__(Lifetime)
    made.born_at = now
    made.reason = _plainly_refused(rules, status, fields)
    if made.reason == STORED:
        if rules.rfc:
            _judge_by_rfc(rules, made, asked, status, fields, asked_at, now)
        else:
            _judge_as_nginx(rules, made, status, fields, now)
    return made


cdef int _plainly_refused(Rules rules, int status, Fields fields) except -1:
    cdef bytes vary
    if status == 101:
        return SWITCHED
    if status == 206 and not (rules.slices or rules.parts):
        return PARTIAL
    if status == 304 or status < 200:
        return NO_LIFETIME
    if fields.known_value(X_ACCEL_REDIRECT):
        return REDIRECTED_INSIDE
    if not rules.ignored & IGNORE_VARY:
        vary = fields.joined(b"vary")
        if vary is not None and vary_names(vary) == (b"*",):
            return VARY_ANYTHING
    return STORED


cdef double _accel_expires(Rules rules, Fields fields, double now) except? -2.0:
    """Until when X-Accel-Expires says; 0.0: not at all; -1.0: it says nothing."""
    cdef bytes value
    cdef long long seconds
    if rules.ignored & IGNORE_ACCEL_EXPIRES:
        return -1.0
    value = fields.known_value(X_ACCEL_EXPIRES)
    if not value:
        return -1.0
    if value.startswith(b"@"):
        seconds = delta_seconds(value[1:])
        return -1.0 if seconds < 0 else max(1.0, <double> seconds)
    seconds = delta_seconds(value)
    if seconds < 0:
        return -1.0
    return now + seconds if seconds else 0.0


cdef double _by_status(Rules rules, int status) except? -2.0:
    """What proxy_cache_valid gives an answer of this status; -1.0: nothing."""
    found = rules.valid.get(status)
    if found is None:
        found = rules.valid.get(0)
    return -1.0 if found is None else found


cdef int _judge_as_nginx(Rules rules, Lifetime made, int status, Fields fields,
                         double now) except -1:
    cdef CacheControl said = None
    cdef bytes value
    cdef double until = _accel_expires(rules, fields, now)
    cdef bint forbidden = until == 0.0
    cdef bint expired = False
    cdef long long seconds
    if not rules.ignored & IGNORE_SET_COOKIE and fields.find_known(SET_COOKIE) >= 0:
        made.reason = HAS_SET_COOKIE
        return 0
    if not rules.ignored & IGNORE_CACHE_CONTROL:
        value = fields.joined(b"cache-control")
        if value is not None:
            said = cache_control(value)
    if said is not None and until < 0.0:
        made.reason = _forbidden(said)
        if made.reason:
            return 0
        seconds = said.s_maxage if said.s_maxage != ABSENT else said.max_age
        if seconds != ABSENT:
            if seconds <= 0:
                made.reason = EXPIRED_ALREADY
                return 0
            until = now + seconds
    if until < 0.0 and not rules.ignored & IGNORE_EXPIRES:
        value = fields.known_value(EXPIRES)
        if value is not None:
            seconds = parse_http_date(value)
            if seconds < now:
                expired = True
            else:
                until = <double> seconds
    if forbidden or expired:
        made.reason = EXPIRED_ALREADY
        return 0
    if until < 0.0:
        until = _by_status(rules, status)
        if until <= 0.0:
            made.reason = NO_LIFETIME
            return 0
        until += now
    made.fresh_until = made.updating_until = made.error_until = until
    if said is not None:
        _extensions(made, said)
    return 0


cdef int _forbidden(CacheControl said) noexcept:
    if said.flags & NO_STORE:
        return REFUSED_NO_STORE
    if said.flags & PRIVATE or said.private_fields is not None:
        return REFUSED_PRIVATE
    if said.flags & NO_CACHE or said.no_cache_fields is not None:
        return REFUSED_NO_CACHE
    return STORED


cdef void _extensions(Lifetime made, CacheControl said) noexcept:
    """RFC 5861: how long it may be served stale."""
    if said.stale_while_revalidate > 0:
        made.updating_until = made.fresh_until + said.stale_while_revalidate
        made.error_until = made.updating_until
    if said.stale_if_error > 0:
        made.error_until = made.fresh_until + said.stale_if_error


cdef int _judge_by_rfc(Rules rules, Lifetime made, Fields asked, int status, Fields fields,
                       double asked_at, double now) except -1:
    """RFC 9111 §3, then §4.2."""
    cdef CacheControl wanted = cache_control(asked.joined(b"cache-control"))
    cdef bint targeted = False
    cdef CacheControl said = _said(rules, fields, &targeted)
    cdef double accel = _accel_expires(rules, fields, now)
    cdef double lifetime, age
    made.reason = _may_store(asked, wanted, said, status)
    if accel == 0.0:
        made.reason = EXPIRED_ALREADY
    if made.reason:
        return 0
    made.unstored = _unstored(said)
    if said.flags & (MUST_REVALIDATE | PROXY_REVALIDATE) or said.s_maxage != ABSENT:
        made.flags |= NO_STALE          # §5.2.2.10: s-maxage says as much as proxy-revalidate
    if said.flags & NO_CACHE:
        made.flags |= ASK_FIRST | NO_STALE
    if said.flags & IMMUTABLE:
        made.flags |= IS_IMMUTABLE
    age = _initial_age(fields, asked_at, now)
    made.born_at = now - age
    if accel > 0.0:
        made.fresh_until = accel
    else:
        lifetime = _lifetime(rules, said, targeted, status, fields, now)
        if lifetime < 0.0:
            made.reason = NO_LIFETIME
            lifetime = 0.0
        made.fresh_until = made.born_at + lifetime
    made.updating_until = made.error_until = made.fresh_until
    _extensions(made, said)
    if made.fresh_until <= now or made.flags & ASK_FIRST or made.reason:
        # Good for nothing without being asked about, unless it may be served stale.
        if _has_validator(fields) and (status == 200 or status == 206):
            made.reason = STORED
        elif max(made.updating_until, made.error_until) > now and not made.flags & NO_STALE:
            made.reason = STORED
        elif made.reason == STORED:
            made.reason = EXPIRED_ALREADY
    return 0


cdef CacheControl _said(Rules rules, Fields fields, bint* targeted):
    """RFC 9213 §2.2: the first targeted field that is there is all that counts."""
    cdef bytes value
    for name in rules.targeted:
        value = fields.joined(<bytes> name)
        if value:
            targeted[0] = True
            return cache_control(_for_us(value) if name == b"surrogate-control" else value)
    if rules.ignored & IGNORE_CACHE_CONTROL:
        return cache_control(None)
    return cache_control(fields.joined(b"cache-control"))


cdef bytes _for_us(bytes value):
    """Surrogate-Control: directives with a target behind ";" are for the surrogate of that name."""
    cdef list kept = []
    for directive in value.split(b","):
        text, mark, target = directive.partition(b";")
        if not mark or target.strip().lower() == b"forkproxy":
            kept.append(text)
    return b",".join(kept)


cdef int _may_store(Fields asked, CacheControl wanted, CacheControl said, int status) except -1:
    if wanted.flags & NO_STORE:
        return REQUEST_NO_STORE
    if said.flags & MUST_UNDERSTAND:
        if status not in UNDERSTOOD:
            return NOT_UNDERSTOOD
    elif said.flags & NO_STORE:
        return REFUSED_NO_STORE
    if said.flags & PRIVATE:
        return REFUSED_PRIVATE
    if asked.find_known(AUTHORIZATION) >= 0 and not (
            said.flags & (PUBLIC | MUST_REVALIDATE) or said.s_maxage != ABSENT):
        return HAS_AUTHORIZATION                # §3.5
    return STORED


cdef tuple _unstored(CacheControl said):
    """Fields that private="…" and no-cache="…" name: the rest may be used (§5.2.2.4, 7)."""
    if said.no_cache_fields is None:
        return said.private_fields
    return said.no_cache_fields + (said.private_fields or ())


cdef double _initial_age(Fields fields, double asked_at, double now) except? -2.0:
    """RFC 9111 §4.2.3."""
    cdef bytes text
    cdef long long value = age_of(fields), date
    cdef double apparent = 0.0
    if value == INVALID:
        return <double> FOREVER         # whoever cannot say how old it is does not call it fresh
    text = fields.known_value(DATE)
    if text is not None:
        date = parse_http_date(text)
        if date >= 0:
            # Below two seconds it is the clocks' and the second's granularity.
            apparent = now - date if now - date >= 2.0 else 0.0
    return max(apparent, value + (now - asked_at if value else 0.0))


cdef double _lifetime(Rules rules, CacheControl said, bint targeted, int status, Fields fields,
                      double now) except? -2.0:
    """RFC 9111 §4.2.1; -1.0 where nothing gives one."""
    cdef bytes text
    cdef long long expires, date = -1, modified
    cdef double given, lifetime
    cdef list lines
    if said.s_maxage != ABSENT:
        return max(0.0, <double> said.s_maxage)
    if said.max_age != ABSENT:
        return max(0.0, <double> said.max_age)
    text = fields.known_value(DATE)
    if text is not None:
        date = parse_http_date(text)
    if not targeted and not rules.ignored & IGNORE_EXPIRES and fields.find_known(EXPIRES) >= 0:
        lines = fields.all(b"expires")
        expires = parse_http_date(<bytes> lines[0]) if len(lines) == 1 else -1
        # §5.3: "MUST interpret invalid date formats … as representing a time in the past"
        return max(0.0, <double> expires - (date if date >= 0 else now)) if expires >= 0 else 0.0
    given = _by_status(rules, status)
    if given >= 0.0:
        return given
    if rules.heuristics and (status in HEURISTIC or said.flags & PUBLIC):
        text = fields.known_value(LAST_MODIFIED)
        if text is not None:
            modified = parse_http_date(text)
            if modified >= 0:
                lifetime = HEURISTIC_SHARE * ((date if date >= 0 else now) - modified)
                return min(HEURISTIC_MOST, max(0.0, lifetime))
    return -1.0


cdef bint _has_validator(Fields fields) noexcept:
    return fields.find_known(ETAG) >= 0 or fields.find_known(LAST_MODIFIED) >= 0


cdef bint satisfies(CacheControl wanted, Entry entry, double now) noexcept:
    cdef double age = now - entry.mark.born_at, left = entry.mark.fresh_until - now
    if wanted.flags & NO_CACHE:
        return False
    if wanted.max_age >= 0 and age >= wanted.max_age:
        return False
    if wanted.min_fresh > 0 and left < wanted.min_fresh:
        return False
    if left > 0.0 and not entry.mark.flags & ASK_FIRST:
        return True
    if entry.mark.flags & NO_STALE:
        return False
    return wanted.flags & MAX_STALE_ANY != 0 or (wanted.max_stale > 0 and -left <= wanted.max_stale)
