"""One holder a key, over all processes: who fills the cache, while the others wait.

A claim is one word, the key's number and the holder's process, taken and given back by one atomic
step. The claim of a process that died is void, and whoever finds it takes it over. Two keys whose
numbers are alike share a claim: then one of them waits for nothing, and asks for itself.

Beside each claim is a word for those who wait to call its holder by; a call is the claim itself, so
one that was meant for an earlier claim means nothing.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.errno cimport ESRCH, errno
from libc.stdint cimport uint64_t
from posix.signal cimport kill
from posix.unistd cimport getpid

from forkproxy.shared.memory cimport SharedMemory, load, number_of, store, swap

DEF WAYS = 8
cdef uint64_t HOLDER = (1ULL << 22) - 1         # Linux gives no process a number above 2**22


cdef class Claims:

    def __init__(self, Py_ssize_t count):
        """Make room for about so many claims at a time."""
        cdef uint64_t sets = 16
        while sets * WAYS < <uint64_t> count:
            sets *= 2
        self.sets = sets - 1
        self.memory = SharedMemory(sets * WAYS)
        self.calls = SharedMemory(sets * WAYS)

    cdef Claimed take(self, uint64_t number) noexcept:
        cdef uint64_t* words = self.memory.words + (number & self.sets) * WAYS
        cdef uint64_t wanted = _word(number), word
        cdef int index, other
        for index in range(WAYS):
            word = load(words + index)
            if word and (word & ~HOLDER) == (wanted & ~HOLDER):
                if not _dead(word):
                    return ELSEWHERE
                return OURS if swap(words + index, word, wanted) else ELSEWHERE
        for index in range(WAYS):
            word = load(words + index)
            if word and not _dead(word) or not swap(words + index, word, wanted):
                continue
            # Another may have done the same a moment ago: the first in the set stands.
            for other in range(index):
                word = load(words + other)
                if word and (word & ~HOLDER) == (wanted & ~HOLDER):
                    swap(words + index, wanted, 0)
                    return ELSEWHERE
            return OURS
        return NO_ROOM

    cdef void release(self, uint64_t number) noexcept:
        cdef uint64_t* words = self.memory.words + (number & self.sets) * WAYS
        cdef uint64_t* calls = self.calls.words + (number & self.sets) * WAYS
        cdef uint64_t word = _word(number)
        cdef int index
        for index in range(WAYS):
            if load(words + index) == word:
                swap(calls + index, word, 0)
                swap(words + index, word, 0)
                return

    cdef bint held(self, uint64_t number) noexcept:
        return self.holder(number) != 0

    cdef int holder(self, uint64_t number) noexcept:
        cdef uint64_t* found = _find(self, number)
        cdef uint64_t word = 0 if found == NULL else load(found)
        return 0 if word == 0 or _dead(word) else <int> (word & HOLDER)

    cdef void call(self, uint64_t number) noexcept:
        cdef uint64_t* found = _find(self, number)
        cdef uint64_t word = 0 if found == NULL else load(found)
        if word != 0:
            store(self.calls.words + (found - self.memory.words), word)

    cdef bint called(self, uint64_t number) noexcept:
        cdef uint64_t* calls = self.calls.words + (number & self.sets) * WAYS
        cdef uint64_t word = _word(number)
        cdef int index
        for index in range(WAYS):
            if load(calls + index) == word:
                return True
        return False

    cdef void usurp(self, uint64_t number) noexcept:
        cdef uint64_t* found = _find(self, number)
        if found != NULL:
            store(found, _word(number))

    def claim(self, bytes key not None):
        """Take the claim of a key; return whether it is ours now."""
        return self.take(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key))) == OURS

    def held_by_somebody(self, bytes key not None):
        """Tell whether a living process has the claim of a key."""
        return self.held(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))

    def call_holder(self, bytes key not None):
        """Let whoever has the claim of a key know that others want to see what comes of it."""
        self.call(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))

    def is_called(self, bytes key not None):
        """Tell whether others want to see what comes of our claim of a key."""
        return self.called(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))

    def let_go(self, bytes key not None):
        """Give our claim of a key back."""
        self.release(number_of(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)))


cdef uint64_t _word(uint64_t number) noexcept:
    return (number & ~HOLDER) | <uint64_t> getpid()


cdef bint _dead(uint64_t word) noexcept:
    return kill(<int> (word & HOLDER), 0) < 0 and errno == ESRCH


cdef uint64_t* _find(Claims self, uint64_t number) noexcept:
    cdef uint64_t* words = self.memory.words + (number & self.sets) * WAYS
    cdef int index
    for index in range(WAYS):
        if (load(words + index) & ~HOLDER) == (number & ~HOLDER):
            return words + index
    return NULL
