"""One cache zone: what proxy_cache_path names, as every process sees it.

The shared part (uses, claims, counters) is made by the master when the configuration is built, and
is kept over a reload by a zone of the same name and size. The store is opened by each process for
itself, after the fork, in the scribe's thread.
"""

import threading
from pathlib import Path

from libc.stdint cimport uint64_t

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.cache.entry cimport Entry, entry_in_map, entry_of
from forkproxy.cache.recent cimport Recent
from forkproxy.clock cimport wall
from forkproxy.net.poller cimport poller
from forkproxy.shared.claims cimport Claims
from forkproxy.shared.journal cimport Journal
from forkproxy.shared.memory cimport SharedMemory, add, load, number_of, store, swap
from forkproxy.shared.uses cimport Uses

from forkproxy.cache.reasons import Reason
from forkproxy.cache.scribe import scribe
from forkproxy.errors import StoreError
from forkproxy.shared.environment import BrokenError
from forkproxy.shared.errorlog import log
from forkproxy.shared.store import last_epoch, open_cache

DEF CLAIMS = 8192           # fills under way at once, over all zones' workers
DEF PATIENCE = 0.5          # seconds that a first look waits for the store to be open
DEF RETRY = 10.0            # seconds until a store that could not be opened is tried again
DEF KEYS = 4096             # counters of changes by key; keys share them, and so they do the next
DEF PURGED_KEYS = 65536     # of purges: who shares one with a purged key is not stored for nothing
DEF WORDS = 512 + KEYS + PURGED_KEYS
DEF REMEMBERED = 512        # refusals

# Places in the shared words.
cdef enum:
    AT_EPOCH = 0
    AT_PURGES = 1
    AT_IDENTITY = 2
    AT_CHANGES = 3
    AT_STATUS = 16          # two a status: answers, octets
    AT_WRITTEN = 40         # and of those that were stored
    AT_REFUSED = 64
    AT_CHANGED_KEYS = 512
    AT_PURGED_KEYS = 512 + KEYS

cdef tuple NAMES = (
    b"", b"MISS", b"BYPASS", b"EXPIRED", b"STALE", b"UPDATING", b"REVALIDATED", b"HIT", b"MISS")

# By name: kept by the master over reloads, inherited by all.
cdef dict known = {}


cdef bytes status_name(int status):
    return <bytes> NAMES[status]


cdef class Zone:

    def __init__(self, settings):
        self.name = settings.name
        self.settings = settings
        self.bodies = str(Path(settings.path) / "bodies")
        self.uses = Uses(settings.keys_size)
        self.claims = Claims(CLAIMS)
        self.words = SharedMemory(WORDS)
        self.journal = Journal(REMEMBERED)
        store(self.words.words + <int> AT_EPOCH, last_epoch(Path(settings.path)))
        store(self.words.words + <int> AT_IDENTITY, <uint64_t> (wall() * 1e6))
        self.pending = {}
        self.fills = {}

    def take_over(self, settings):
        """Go on under settings that a reload has brought; name, folder and size are the same."""
        self.settings = settings

    cdef Entry find(self, bytes key, uint64_t number):
        cdef uint64_t changes
        cdef Entry entry
        if self.pending:
            found = self.pending.get(key)
            if found is not None:
                return entry_of(<bytes> found)
        if self.store is None or load(self.words.words + <int> AT_EPOCH) != self.epoch:
            if self._open_soon() is None:
                return None
        changes = self.changes(number)
        entry = self.recent.get(key, number, changes, poller.now)
        if entry is None:
            entry = self._look_up(key)
            if entry is not None:
                self.recent.offer(entry, key, number, changes, poller.now)
        return entry

    cdef Entry _look_up(self, bytes key):
        """What the store has under a key."""
        try:
            return entry_in_map(self.store, key)
        except BrokenError as error:
            log.error(f"the cache {self.name}: {error}")
            self.broke()
        except StoreError as error:
            log.error(f"the cache {self.name}: {error}")
        return None

    cdef object _open_soon(self):
        """Have the store opened in the scribe's thread; None where that fails or takes too long."""
        if wall() < self.again_at:
            return None
        done = threading.Event()

        def open_store():
            self.opened()
            done.set()

        scribe.call(open_store)
        if not done.wait(PATIENCE):
            self.again_at = wall() + 1.0
            return None
        return self.store

    def opened(self):
        """Return the store, opened where it is not yet; None where it cannot be. Not in the hub."""
        cdef uint64_t epoch = load(self.words.words + <int> AT_EPOCH)
        if self.store is not None and self.epoch == epoch:
            return self.store
        if wall() < self.again_at:
            return None
        folder = Path(self.settings.path)
        try:
            Path(self.bodies).mkdir(mode=0o700, exist_ok=True)
            opened = open_cache(folder, self.settings.map_size, epoch)
        except BrokenError as error:
            log.error(f"{error}; a new one takes its place")
            self.broke()
            return None
        except (StoreError, OSError) as error:
            self.again_at = wall() + RETRY
            log.error(f"the cache {self.name} cannot be used: {error}")
            return None
        self.recent = Recent()
        self.epoch = epoch
        self.store = opened
        return opened

    def broke(self):
        """Leave a store that makes no sense behind, in all processes: the next look makes one."""
        cdef uint64_t* word = self.words.words + <int> AT_EPOCH
        if swap(word, self.epoch, self.epoch + 1):
            log.alert(f"the store of the cache {self.name} is broken and is made anew")

    def close(self):
        """Close the store of this process; nothing may be read from it any more."""
        if self.store is not None:
            scribe.finish(self._close_store, 2.0)

    def _close_store(self):
        closed, self.store = self.store, None
        if closed is not None:
            closed.close()

    def forget(self, bytes key not None, bytes octets not None):
        """An entry is in the store, or is given up: it is no longer on its way."""
        if self.pending.get(key) is octets:
            self.pending.pop(key, None)

    def note_purge(self, bytes key=None):
        """Let nothing be stored that was asked for before now, or nothing under one key."""
        cdef uint64_t number
        if key is None:
            add(self.words.words + <int> AT_PURGES, 1)
        else:
            number = number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key))
            add(self.words.words + <int> AT_PURGED_KEYS + number % PURGED_KEYS, 1)

    cdef uint64_t purges(self, uint64_t number) noexcept:
        cdef uint64_t* words = self.words.words
        return (load(words + <int> AT_PURGES)
                + load(words + <int> AT_PURGED_KEYS + number % PURGED_KEYS))

    def note_changes(self, keys):
        """What lies under these keys was changed just now, or with None: all of it was."""
        cdef uint64_t* words = self.words.words
        cdef uint64_t number
        if keys is None:
            add(words + <int> AT_CHANGES, 1)
            return
        for key in keys:
            number = number_of(PyBytes_AS_STRING(<bytes> key), PyBytes_GET_SIZE(<bytes> key))
            add(words + <int> AT_CHANGED_KEYS + number % KEYS, 1)

    cdef uint64_t changes(self, uint64_t number) noexcept:
        cdef uint64_t* words = self.words.words
        return (load(words + <int> AT_CHANGES)
                + load(words + <int> AT_CHANGED_KEYS + number % KEYS))

    cdef uint64_t next_identity(self) noexcept:
        return add(self.words.words + <int> AT_IDENTITY, 1)

    def uses_of(self, bytes key not None):
        """Return how often, and when last (wall seconds), a key was asked for, as far as known."""
        return self.uses.known(key)

    def fade(self, bytes key not None):
        """Let old fame of a key count for half."""
        self.uses.fade(key)

    def let_go(self, bytes key not None):
        """Give our claim of a key back."""
        self.claims.release(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))

    cdef void count_status(self, int status, long long octets) noexcept:
        cdef uint64_t* at = self.words.words + <int> AT_STATUS + 2 * status
        add(at, 1)
        if octets > 0:
            add(at + 1, <uint64_t> octets)

    def count_written(self, int status, long long octets):
        """Count an answer that was stored, by what the cache said when it was asked for."""
        cdef uint64_t* at = self.words.words + <int> AT_WRITTEN + 2 * status
        add(at, 1)
        add(at + 1, <uint64_t> octets)

    cdef void count_refusal(self, int reason) noexcept:
        add(self.words.words + <int> AT_REFUSED + reason, 1)

    cdef void note_refusal(self, int reason, bytes key) noexcept:
        self.count_refusal(reason)
        self.journal.write(reason, wall(), key)

    def refused(self, int reason, bytes key not None):
        """Count an answer that was stored, reason 0, or was not, and remember that."""
        if reason:
            self.note_refusal(reason, key)
        else:
            self.count_refusal(reason)

    def refusals(self):
        """Return what was lately not stored: (reason, moment, key), the newest first."""
        return self.journal.read()

    def counts(self):
        """Return all counters: answers and octets by status, and refusals by reason."""
        cdef uint64_t* words = self.words.words
        refused = {
            reason.shown: count for reason in Reason
            if reason and (count := load(words + <int> AT_REFUSED + <int> reason))
        }
        return {"answers": _by_status(words + <int> AT_STATUS),
                "written": _by_status(words + <int> AT_WRITTEN), "not_stored": refused,
                "stored": load(words + <int> AT_REFUSED)}

    def __repr__(self):
        return f"<cache {self.name}>"


cdef dict _by_status(uint64_t* words):
    cdef int status
    return {
        NAMES[status].decode().lower(): {
            "responses": load(words + 2 * status), "bytes": load(words + 2 * status + 1),
        }
        for status in range(1, <int> SCARCE)
    }


def zone_of(settings):
    """Return the zone of these settings: the one there is, where it is at the same place."""
    cdef Zone found = <Zone> known.get(settings.name)
    if found is None or not settings.same_place(found.settings):
        found = known[settings.name] = Zone(settings)
    else:
        found.take_over(settings)
    return found


def zones():
    """Return the zones of this process by name."""
    return known
