"""Atomic steps on shared words, sequentially consistent but for two (C11 §7.17.3)."""

from libc.stdint cimport uint64_t

cdef extern from * nogil:
    """
    #include <stdint.h>
    static inline uint64_t word_load(uint64_t *at)
    { return __atomic_load_n(at, __ATOMIC_SEQ_CST); }
    static inline void word_store(uint64_t *at, uint64_t value)
    { __atomic_store_n(at, value, __ATOMIC_SEQ_CST); }
    static inline uint64_t word_acquire(uint64_t *at)
    { return __atomic_load_n(at, __ATOMIC_ACQUIRE); }
    static inline void word_release(uint64_t *at, uint64_t value)
    { __atomic_store_n(at, value, __ATOMIC_RELEASE); }
    static inline uint64_t word_add(uint64_t *at, uint64_t value)
    { return __atomic_add_fetch(at, value, __ATOMIC_SEQ_CST); }
    static inline int word_swap(uint64_t *at, uint64_t *seen, uint64_t wanted)
    { return __atomic_compare_exchange_n(at, seen, wanted, 0,
                                         __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); }
    """
    uint64_t word_load(uint64_t* at) noexcept
    void word_store(uint64_t* at, uint64_t value) noexcept
    # What was written before a word was released is there for who has acquired it.
    uint64_t word_acquire(uint64_t* at) noexcept
    void word_release(uint64_t* at, uint64_t value) noexcept
    uint64_t word_add(uint64_t* at, uint64_t value) noexcept        # the sum
    # Whether `wanted` was stored in place of `seen`; else `seen` is what was there.
    bint word_swap(uint64_t* at, uint64_t* seen, uint64_t wanted) noexcept
