"""What a choice looks at, of one peer: plain memory, since it looks at every peer each time."""

from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.scoreboard cimport (
    FINDING_UP, ORDER_DOWN, ORDER_DRAIN, ORDER_READY, PEER_CHECKED_AT, PEER_CHECKS, PEER_FAILED,
    PEER_FINDING, PEER_IN_FLIGHT, PEER_ORDER, PEER_UP_AT, PEER_WEIGHT,
)


cdef struct Standing:
    # Its cells in the rows of the master, the keeper and of all.
    uint64_t* orders
    uint64_t* findings
    uint64_t* shared
    int64_t max_conns       # 0: no limit
    int64_t fail_timeout    # ms
    int64_t slow_start      # ms, 0: at once
    # Smooth round robin: per process, as nginx has it without a zone.
    int64_t current_weight      # in thousandths
    int effective_weight        # a failure lowers it, each turn raises it again
    int configured_weight
    int max_fails               # 0: failures are not counted
    bint down
    bint drain
    bint lone                   # there is nobody else: failures do not take it out
    bint mandatory              # it is not asked before a health check has passed


cdef inline bint ready(Standing* one, int64_t now, bint session) noexcept nogil:
    """Whether a peer may be asked; `session`: for one that is bound to it, which draining keeps."""
    cdef uint64_t order = one.orders[<int> PEER_ORDER]
    if order == <uint64_t> ORDER_READY:
        if one.down or (one.drain and not session):
            return False
    elif order == <uint64_t> ORDER_DOWN or (order == <uint64_t> ORDER_DRAIN and not session):
        return False
    if one.findings[<int> PEER_FINDING] != <uint64_t> FINDING_UP:
        return False
    if one.max_conns and <int64_t> one.shared[<int> PEER_IN_FLIGHT] >= one.max_conns:
        return False
    if one.mandatory and not one.findings[<int> PEER_CHECKS]:
        return False
    if one.max_fails and <int64_t> one.shared[<int> PEER_FAILED] >= one.max_fails and not one.lone:
        return now - <int64_t> one.shared[<int> PEER_CHECKED_AT] > one.fail_timeout
    return True


cdef inline int weight_of(Standing* one) noexcept nogil:
    """As configured, or as an administrator has ordered since."""
    cdef uint64_t ordered = one.orders[<int> PEER_WEIGHT]
    return <int> ordered if ordered else one.configured_weight


cdef inline int64_t share_of(Standing* one, int64_t now) noexcept nogil:
    """What round robin adds for it, in thousandths: less while it starts slowly."""
    cdef uint64_t ordered = one.orders[<int> PEER_WEIGHT]
    cdef int64_t whole = <int64_t> (ordered if ordered else <uint64_t> one.effective_weight) * 1000
    cdef int64_t since
    if one.slow_start and one.shared[<int> PEER_UP_AT]:
        since = now - <int64_t> one.shared[<int> PEER_UP_AT]
        if since < one.slow_start:
            whole = whole * since // one.slow_start
            return whole if whole > 1 else 1
    return whole


cdef inline int64_t take_turn(Standing* one, int64_t now) noexcept nogil:
    """Let it come a step nearer to being chosen; return by how much."""
    cdef int64_t share = share_of(one, now)
    one.current_weight += share
    if one.effective_weight < one.configured_weight:
        one.effective_weight += 1
    return share
