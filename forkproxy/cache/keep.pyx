"""Keeping answers: whether one may be stored, under which key, and what of its head."""

from libc.string cimport memset

from forkproxy.cache.decide cimport (
    IGNORE_VARY, LYING_LENGTH, NOT_WANTED, RANGE_OFFSET, SEVERAL_PARTS, STORED, STORE_BUSY,
    UNKNOWN_PART, Lifetime, judge,
)
from forkproxy.cache.entry cimport (
    ASK_FIRST, IS_IMMUTABLE, NO_STALE, REASON, SPLIT, TAGS, VARY as VARY_PART, Entry, EntryBody,
    Mark, entry_of, pack, remarked,
)
from forkproxy.cache.fill cimport Fill
from forkproxy.cache.hit cimport from_entry
from forkproxy.cache.job cimport Job
from forkproxy.cache.parts cimport merged
from forkproxy.cache.terms cimport Terms, any_true
from forkproxy.cache.variant cimport variant_key
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport REVALIDATED
from forkproxy.clock cimport wall
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.faults cimport reason_of
from forkproxy.net.poller cimport poller
from forkproxy.wire.content_range cimport Span, content_range
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.freshness cimport vary_names
from forkproxy.wire.names cimport (
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_RANGE, VARY, NameSet,
)

from forkproxy.cache import variant
from forkproxy.cache.reasons import Reason
from forkproxy.cache.scribe import scribe
from forkproxy.cache.shelf import tags_of

# Of an answer, what concerns the connection it came on (RFC 9110 §7.6.1), or is told otherwise.
cdef NameSet UNSTORED_FIELDS = NameSet((
    b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding",
    b"upgrade", b"age"))
# What of a part's head is not the whole's.
cdef tuple TOLD_BY_RANGE = (CONTENT_RANGE, CONTENT_LENGTH)
# RFC 9111 §3.2: what a 304 says anew about a stored answer, but for what tells about octets that it
# does not bring: they are those that are stored.
cdef frozenset NOT_FRESHENED = frozenset((
    b"content-length", b"content-encoding", b"content-range", b"content-md5", b"content-digest",
    b"repr-digest", b"etag", b"transfer-encoding", b"connection", b"keep-alive", b"trailer",
    b"upgrade", b"age"))


cdef Response store_answer(Terms terms, Exchange exchange, Visit visit, Response response,
                           double asked_at, unsigned long long purges):
    cdef Lifetime lifetime = None
    cdef Fields fields
    cdef Fill fill = visit.fill
    cdef Span part
    cdef int reason = visit.reason
    cdef bint partial = response.status == 206 and terms.rules.parts
    response.cached = visit.cacheable and not visit.as_sent
    if partial and not reason:
        reason = part_of(response, &part)
    elif visit.ranged and response.status != 200 and not reason:
        reason = RANGE_OFFSET       # an answer to the range, or to what the client has of it
    if visit.cacheable and not reason:
        lifetime = judge(terms.rules, exchange.head.fields, response.status, response.fields,
                         asked_at, wall())
        reason = lifetime.reason
        if not reason and terms.no_cache is not None and any_true(terms.no_cache, exchange):
            reason = NOT_WANTED
        if not reason and terms.suspicion is not None and (
                exchange.method != b"POST" or b"POST" in terms.methods):
            reason = suspicious(terms, exchange, response)
    if reason:
        visit.reason = reason
        visit.zone.note_refusal(reason, visit.key)
        let_go(visit, reason)
        return response
    response.allow_ranges = (terms.rules.rfc or terms.force_ranges
                             or response.fields.find_known(ACCEPT_RANGES) >= 0)
    if fill is None:
        fill = Fill.__new__(Fill)
        fill.zone = visit.zone
        fill.key = visit.key
        fill.number = visit.number
        fill.claimed = visit.claimed
        fill.moved_at = poller.now
    visit.fill = None
    visit.claimed = False
    fill.purges = purges
    fill.cause = visit.status
    fields = stored_fields(response, lifetime)
    if partial:
        fill.partial = True
        fill.part = part
        fill.head_omitted = visit.as_sent and exchange.head.fields.find_known(IF_RANGE) >= 0
        for name in TOLD_BY_RANGE:
            fields.remove_known(name)
    choose_place(terms, exchange, visit, fill, fields)
    if response.body is not None:
        exchange.defer_no_more((<object> response.body).close)
    try:
        response = fill.begin(response, fields, lifetime, tags_in(terms, fields))
    except BaseException:
        fill.give_up(STORE_BUSY)
        raise
    if response.body is not None:
        response.single_range = not isinstance(response.body, EntryBody)
        exchange.defer((<object> response.body).close)
    return response


cdef int part_of(Response response, Span* part) except -1:
    cdef Fields fields = response.fields
    cdef bytes media = fields.known_value(CONTENT_TYPE)
    if media is not None and media[:10].lower() == b"multipart/":
        return SEVERAL_PARTS
    if response.body is None or len(fields.all(b"content-range")) != 1:
        return UNKNOWN_PART
    if not content_range(fields.known_value(CONTENT_RANGE), part):
        return UNKNOWN_PART
    return LYING_LENGTH if response.body.length > part.stop - part.start else STORED


cdef int suspicious(Terms terms, Exchange exchange, Response response) except -1:
    cdef int reason
    reason = terms.suspicion.of_request(exchange)
    if not reason:
        reason = terms.suspicion.of_answer(exchange, response)
    if reason:
        warn_of(exchange, reason)
    return reason


cdef int warn_of(Exchange exchange, int reason) except -1:
    exchange.report("warn", f"not stored in the cache: {Reason(reason).shown}")
    return 0


cdef Fields stored_fields(Response response, Lifetime lifetime):
    """The fields of an answer that are stored with it."""
    cdef Fields fields = response.fields.copy()
    fields.remove_any(UNSTORED_FIELDS)
    if lifetime.unstored is not None:
        for name in lifetime.unstored:
            fields.remove(name)
    if response.reason == reason_of(response.status):
        response.reason = None
    return fields


cdef bytes tags_in(Terms terms, Fields fields):
    found = []
    for name in terms.tag_fields:
        if fields.find(name) >= 0:
            found += fields.all(name)
    return tags_of(found) if found else b""


cdef int choose_place(Terms terms, Exchange exchange, Visit visit, Fill fill,
                      Fields fields) except -1:
    """Under which key an answer is stored: its own, or where it varies, its variant's."""
    cdef bytes spec = b""
    cdef Mark mark
    fill.place = visit.key
    if not terms.rules.ignored & IGNORE_VARY and fields.find_known(VARY) >= 0:
        spec = b",".join(vary_names(fields.joined(b"vary")))
    fill.spec = spec
    if not spec:
        return 0
    fill.place = variant_key(visit.key, spec, exchange.head.fields, terms.rules.rfc)
    memset(&mark, 0, sizeof(Mark))
    mark.flags = SPLIT
    mark.stored_at = wall()
    fill.note = pack(&mark, None, visit.key, b"", b"", variant.with_spec(visit.specs, spec), b"")
    return 0


cdef Response freshened(Terms terms, Exchange exchange, Visit visit, Response response,
                        double asked_at):
    cdef Entry stale = visit.stale
    cdef Fields fields = response.fields
    cdef Lifetime lifetime
    cdef Mark mark
    cdef bytes octets
    if terms.rules.rfc:
        fields = merged(stale.fields(), response.fields, NOT_FRESHENED)
    lifetime = judge(terms.rules, exchange.head.fields, stale.mark.status, fields, asked_at,
                     wall())
    if lifetime.reason and not terms.rules.rfc:
        # As nginx: where the 304 gives no lifetime, what is stored says it once more.
        lifetime = judge(terms.rules, exchange.head.fields, stale.mark.status, stale.fields(),
                         asked_at, wall())
        if lifetime.reason:
            return from_entry(terms, exchange, visit, stale, REVALIDATED)
    mark = stale.mark
    mark.flags &= ~(NO_STALE | ASK_FIRST | IS_IMMUTABLE)
    lifetime.write(&mark)
    mark.stored_at = wall()
    if terms.rules.rfc:
        octets = pack(&mark, fields, visit.key, stale.part(TAGS), stale.part(REASON),
                      stale.part(VARY_PART), fields.known_value(ETAG) or b"")
        octets += stale.data[stale.front():stale.size]
    else:
        octets = remarked(stale, &mark)
    if not lifetime.reason:
        visit.zone.pending[visit.place] = octets
        if not scribe.submit(_replacing(visit.zone, visit.place, octets, mark.identity)):
            visit.zone.forget(visit.place, octets)
    return from_entry(terms, exchange, visit, entry_of(octets), REVALIDATED)


cdef int let_go(Visit visit, int reason) except -1:
    cdef Fill fill = visit.fill
    if fill is not None:
        visit.fill = None
        fill.give_up(reason)
    if visit.claimed:
        visit.claimed = False
        visit.zone.claims.release(visit.number)
    return 0


def _replacing(zone, place, octets, identity):
    """What the scribe has to do for a freshened entry."""

    def done(_outcome):
        zone.forget(place, octets)

    return Job(zone, len(octets), lambda shelf: shelf.replace(place, octets, identity), done)
