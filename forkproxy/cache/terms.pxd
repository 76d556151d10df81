from libc.stdint cimport uint64_t

from forkproxy.cache.decide cimport Rules
from forkproxy.cache.suspicion cimport Suspicion
from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Handler, Origin
from forkproxy.wire.freshness cimport CacheControl

# When a stale answer is served: the words of proxy_cache_use_stale.
cdef enum UseStale:
    STALE_ERROR = 1
    STALE_TIMEOUT = 2
    STALE_INVALID_HEADER = 4
    STALE_UPDATING = 8
    STALE_500 = 16
    STALE_502 = 32
    STALE_503 = 64
    STALE_504 = 128
    STALE_403 = 256
    STALE_404 = 512
    STALE_429 = 1024


cdef class Terms(Handler):
    """What a location says about its cache."""

    cdef public Origin origin
    cdef public Zone zone               # None: `zone_name` says which, for each request
    cdef public Expression zone_name
    cdef public dict zones
    cdef public Expression key
    cdef public tuple fronts            # of the default key, by client.secure; None: another key
    cdef public Rules rules
    cdef public Suspicion suspicion     # None: proxy_cache_guard off
    cdef public frozenset methods
    cdef public bint content_first      # a request's content is read before its key is made
    cdef public list bypass             # Expressions
    cdef public list no_cache
    cdef public list purge              # None: nobody purges by a request
    cdef public int min_uses
    cdef public bint lock
    cdef public double lock_timeout
    cdef public double lock_age
    cdef public int use_stale           # UseStale
    cdef public bint background_update
    cdef public bint convert_head
    cdef public long long range_offset  # -1: no limit
    cdef public bytes status_header     # name in Cache-Status; None: none
    cdef public tuple tag_fields        # lower-case names
    cdef public bint force_ranges
    cdef public int most_ranges         # max_ranges; -1: no limit

# Whether one of these Expressions is true, as nginx takes it.
cdef bint any_true(list expressions, Exchange exchange) except *
# What the request's Cache-Control demands.
cdef CacheControl said(Exchange exchange)
# Of a key, for the shared tables.
cdef uint64_t key_number(bytes key) noexcept
