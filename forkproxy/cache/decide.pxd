from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.cache.entry cimport Entry, Mark
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.freshness cimport CacheControl

# Reason, as numbers for compiled code.
cdef enum Refusal:
    STORED = 0
    METHOD
    BYPASSED
    NOT_WANTED
    REFUSED_NO_STORE
    REFUSED_PRIVATE
    REFUSED_NO_CACHE
    HAS_SET_COOKIE
    VARY_ANYTHING
    HAS_AUTHORIZATION
    NO_LIFETIME
    EXPIRED_ALREADY
    PARTIAL
    TOO_FEW_USES
    LOCK_TIMEOUT
    RANGE_OFFSET
    ANOTHER_STORES
    TRUNCATED
    REQUEST_NO_STORE
    NOT_UNDERSTOOD
    REDIRECTED_INSIDE
    SWITCHED
    KEY_EMPTY
    HEAD_TOO_LARGE
    TOO_MANY_VARIANTS
    STORE_FULL
    DISK_FULL
    STORE_BUSY
    STORE_BROKEN
    PURGED_MEANWHILE
    UPSTREAM_FAILED
    REQUEST_BODY
    METHOD_OVERRIDE
    UNKEYED_FIELD
    CONFUSING_PATH
    DECEPTIVE_SUFFIX
    LYING_LENGTH
    SEVERAL_PARTS
    UNKNOWN_PART
    HEAD_OMITTED
    TOO_MANY_PARTS
    LAST_REFUSAL

# Fields of an answer that proxy_ignore_headers names, and that would count here.
cdef enum Ignored:
    IGNORE_ACCEL_EXPIRES = 1
    IGNORE_EXPIRES = 2
    IGNORE_CACHE_CONTROL = 4
    IGNORE_SET_COOKIE = 8
    IGNORE_VARY = 16


cdef class Rules:
    """What a location says about storing and serving."""

    cdef public bint rfc                # RFC 9111, else nginx's own rules
    cdef public int ignored             # Ignored
    cdef public dict valid              # status to seconds: proxy_cache_valid; 0: any other
    cdef public bint heuristics         # proxy_cache_heuristics
    cdef public tuple targeted          # names of fields (RFC 9213): the first that is there counts
    cdef public bint revalidate         # proxy_cache_revalidate
    cdef public bint slices             # the key says which part
    cdef public bint parts              # those that come are kept, and joined


cdef class Lifetime:
    """How long an answer is fresh, and may be served afterwards; what of the answer says so."""

    cdef public int reason              # a Refusal
    cdef public int flags               # of an entry
    cdef public double born_at
    cdef public double fresh_until
    cdef public double updating_until
    cdef public double error_until
    cdef public tuple unstored          # names of fields that are not to be stored; None

    cdef void write(self, Mark* mark) noexcept

# Judge an answer that came at `now` (wall), asked for at `asked_at`.
cdef Lifetime judge(Rules rules, Fields asked, int status, Fields fields, double asked_at,
                    double now)
# What the request itself demands: whether a fresh (or stale) entry will do (RFC 9111 §5.2.1).
cdef bint satisfies(CacheControl wanted, Entry entry, double now) noexcept
