"""Keys with an instant each, in a table that all processes share: what limits and bans hang on."""

from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.atomics cimport word_load, word_store
from forkproxy.shared.counters cimport FIRST, SLOTS, STATES, WORDS, Table


cdef class InstantTable(Table):

    cdef uint64_t age(self, uint64_t state, uint64_t fresh) noexcept:
        return (1ULL << 62) - state

    cdef bint clear(self, uint64_t* state, uint64_t fresh) noexcept:
        word_store(state, fresh)
        return True

    def after(self, int64_t instant):
        """Return the tags of the keys whose instants are later than this one, with the instants."""
        cdef size_t bucket
        cdef int slot
        cdef uint64_t* words
        cdef int64_t state
        cdef dict found = {}
        for bucket in range(self.buckets):
            words = self.memory + bucket * WORDS
            for slot in range(SLOTS):
                state = <int64_t> word_load(words + STATES + slot)
                if state > instant:
                    found[word_load(words + FIRST + slot)] = state
        return found

    def put(self, uint64_t tag, int64_t instant):
        """Let a key have an instant; one that it has is not made earlier."""
        cdef uint64_t* state
        if self.find(tag) == NULL:
            self.insert(tag, instant)
        state = self.find(tag)
        if state != NULL and <int64_t> word_load(state) < instant:
            word_store(state, instant)
