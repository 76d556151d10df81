"""How often: limits that are exact over all workers and over any time.

nginx's limit_req keeps how many requests a key is ahead, and counts what has passed in whole
milliseconds. Here the same is kept as an instant: when all that was let through would be through
at the rate. A request moves it on by one interval, however late it came itself, so nothing is lost
between two requests.

Without a burst that alone is not enough: who comes a little late pushes all that follow, and a
limit of 1,000/s lets 800 through. So an instant that has just passed still counts as the time from
which on the next interval runs. A key that was silent for longer begins anew, as in nginx.
"""

from libc.math cimport ceil
from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.atomics cimport word_load, word_swap
from forkproxy.shared.counters cimport FIRST, STATES
from forkproxy.shared.instants cimport InstantTable
from forkproxy.shared.tag cimport tag_of

# What a busy machine makes of "at once": clients and workers wait so long for a processor.
DEF LATE = 50 * 1000 * 1000     # nanoseconds


cdef Rate rate_of(int64_t frequency, int64_t burst):
    cdef Rate made
    made.interval = max(1000000000000 // frequency, 1)
    made.burst = burst * made.interval
    made.late = max(LATE - made.burst, 0)
    made.most = made.burst + made.interval
    return made


cdef int64_t excess_of(int64_t ahead, const Rate* rate) noexcept:
    return <int64_t> ceil(ahead * 1000.0 / rate.interval)


cdef inline int64_t _through(uint64_t state, int64_t now, const Rate* rate) noexcept:
    """When all that a key was allowed is through. A slower rate may have been configured before."""
    cdef int64_t at = <int64_t> state
    if at < now - rate.late:
        return now
    return min(at, now + rate.most)


cdef class RateTable(InstantTable):

    cdef bint take(self, uint64_t tag, int64_t now, const Rate* rate, int64_t* ahead) noexcept:
        cdef uint64_t* state = self.find(tag)
        cdef uint64_t seen
        cdef int64_t at
        if state == NULL:
            return self._first(tag, now, rate, ahead)
        seen = word_load(state)
        while word_load(state + FIRST - STATES) == tag:
            at = _through(seen, now, rate)
            ahead[0] = max(at - now, 0)
            if ahead[0] > rate.burst:
                return False
            if word_swap(state, &seen, at + rate.interval):
                return True
        return self._first(tag, now, rate, ahead)

    cdef bint _first(self, uint64_t tag, int64_t now, const Rate* rate, int64_t* ahead) noexcept:
        """A key that is not there: its first request is within any burst.

        It goes in as one that has not asked yet, and is counted then as any other: two workers may
        both have found it missing.
        """
        if not self.insert(tag, now):
            ahead[0] = 0
            return True         # no slot at all: there are 15, so this is never
        return self.take(tag, now, rate, ahead)

    cdef bint peek(self, uint64_t tag, int64_t now, const Rate* rate, int64_t* ahead) noexcept:
        cdef uint64_t* state = self.find(tag)
        ahead[0] = 0
        if state != NULL:
            ahead[0] = max(_through(word_load(state), now, rate) - now, 0)
        return ahead[0] <= rate.burst

    cdef void give_back(self, uint64_t tag, const Rate* rate) noexcept:
        cdef uint64_t* state = self.find(tag)
        cdef uint64_t seen
        if state == NULL:
            return
        seen = word_load(state)
        while word_load(state + FIRST - STATES) == tag:
            if word_swap(state, &seen, seen - rate.interval):
                return

    def taken(self, bytes key not None, int64_t now, int64_t frequency, int64_t burst):
        """Take one; return whether that was within the burst, and the excess."""
        cdef Rate rate = rate_of(frequency, burst)
        cdef int64_t ahead = 0
        cdef bint within = self.take(tag_of(key), now, &rate, &ahead)
        return within, excess_of(ahead, &rate)
