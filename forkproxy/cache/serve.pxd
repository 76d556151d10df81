from forkproxy.cache.decide cimport Rules
from forkproxy.cache.entry cimport Entry
from forkproxy.cache.fill cimport Fill
from forkproxy.cache.suspicion cimport Suspicion
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.zone cimport Zone
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Expression
from forkproxy.core.plan cimport Handler, Origin
from forkproxy.wire.fields cimport Fields

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


cdef class Caching(Handler):
    """A handler in front of an origin: it answers from a zone where it can, and fills it."""

    cdef public Origin origin
    cdef public Zone zone               # None: `zone_name` says which, for each request
    cdef public Expression zone_name
    cdef public dict zones
    cdef public Expression key
    cdef public tuple fronts            # of the default key, by client.secure; None: another key
    cdef public Rules rules
    cdef public Suspicion suspicion     # None: proxy_cache_guard off
    cdef public frozenset methods
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

    cdef Zone _zone(self, Exchange exchange)
    cdef Visit _visit(self, Exchange exchange, Zone zone)
    cdef Response _pass(self, Exchange exchange, Zone zone)
    cdef Response _answer(self, Exchange exchange, Visit visit)
    cdef Entry _select(self, Exchange exchange, Visit visit)
    cdef Response _from_entry(self, Exchange exchange, Visit visit, Entry entry, int status)
    cdef Response _stale(self, Exchange exchange, Visit visit, double now)
    cdef bint _fresh(self, Exchange exchange, Entry entry, double now)
    cdef Response _fetch(self, Exchange exchange, Visit visit)
    cdef Response _ask(self, Exchange exchange, Visit visit)
    cdef Response _took(self, Exchange exchange, Visit visit, Response response, double asked_at)
    cdef Response _store(self, Exchange exchange, Visit visit, Response response, double asked_at,
                         unsigned long long purges)
    cdef Response _freshened(self, Exchange exchange, Visit visit, Response response,
                             double asked_at)
    cdef Response _follow(self, Exchange exchange, Visit visit, Fill fill)
    cdef Response _await(self, Exchange exchange, Visit visit)
    cdef bint _stale_will_do(self, Visit visit, Response response, double now)
    cdef int _prepare(self, Visit visit) except -1
    cdef bint _fits(self, Exchange exchange, Visit visit, Fill fill)
    cdef bint _range_too_far(self, Exchange exchange)
    cdef Response _shown(self, Exchange exchange, Visit visit, Response response)
    cdef int _let_go(self, Visit visit, int reason) except -1
