from libc.stdint cimport uint64_t

from forkproxy.cache.entry cimport Entry
from forkproxy.cache.recent cimport Recent
from forkproxy.shared.claims cimport Claims
from forkproxy.shared.journal cimport Journal
from forkproxy.shared.memory cimport SharedMemory
from forkproxy.shared.tables cimport CacheStore
from forkproxy.shared.uses cimport Uses

# What $upstream_cache_status says.
cdef enum Status:
    NONE = 0
    MISS
    BYPASS
    EXPIRED
    STALE
    UPDATING
    REVALIDATED
    HIT
    SCARCE
    LAST_STATUS

cdef bytes status_name(int status)


cdef class Zone:
    """One cache: its table of uses, its claims, its counters, and its store once it is open."""

    cdef readonly str name
    cdef readonly object settings       # config.directives.cache.CachePath
    cdef readonly str bodies            # the folder of contents that are files
    cdef Uses uses
    cdef Claims claims
    cdef Journal journal            # what was lately not stored, and why
    cdef SharedMemory words             # epoch, purges, and the counters
    cdef readonly dict pending          # entries on their way into the store, by key: octets
    cdef readonly dict fills            # cache.fill.Fill by key: what is fetched here and now
    cdef readonly CacheStore store      # None: not open
    cdef Recent recent                  # entries of the store at hand
    cdef uint64_t epoch                 # of the store that is open
    cdef double again_at                # wall: when a store that could not be opened is tried again

    # The entry under a key, whose number is told as well; None: there is none.
    cdef Entry find(self, bytes key, uint64_t number)
    cdef Entry _look_up(self, bytes key)
    cdef object _open_soon(self)
    cdef void count_status(self, int status, long long octets) noexcept
    cdef void count_refusal(self, int reason) noexcept
    cdef void note_refusal(self, int reason, bytes key) noexcept
    cdef uint64_t purges(self, uint64_t number) noexcept    # that may have met a key, so far
    cdef uint64_t changes(self, uint64_t number) noexcept   # in the store, of a key, so far
    cdef uint64_t next_identity(self) noexcept
