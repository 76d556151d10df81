"""What a choice looks at, of one peer: plain memory, since it looks at every peer each time."""

from libc.stdint cimport int64_t, uint64_t

from forkproxy.shared.scoreboard cimport (
    FINDING_UP, ORDER_DOWN, ORDER_DRAIN, ORDER_READY, STANDING_CHECKED, STANDING_CHECKED_AT,
    STANDING_FAILED, STANDING_FINDING, STANDING_IN_FLIGHT, STANDING_ORDER, STANDING_UP_AT,
    STANDING_WEIGHT,
)


cdef struct Standing:
    uint64_t* cells         # its StandingCells, which all processes share
    # Smooth round robin: per process, as nginx has it without a zone.
    int64_t current_weight      # in thousandths
    int effective_weight        # a failure lowers it, each turn raises it again
    int configured_weight
    int max_fails               # 0: failures are not counted
    bint simple                 # nothing of its own keeps it out: see judge
    int64_t max_conns           # 0: no limit
    int64_t fail_timeout        # ms
    int64_t slow_start          # ms, 0: at once
    bint down
    bint drain
    bint lone                   # there is nobody else: failures do not take it out
    bint mandatory              # it is not asked before a health check has passed
    # least_time's inflight: per process.
    int64_t pending             # requests whose time is not known yet
    int64_t pending_sum         # ms that they have waited together, up to pending_at
    int64_t pending_at
    int64_t pending_time        # ms, moving average


cdef inline void judge(Standing* one) noexcept nogil:
    """Note whether all that can keep it out are the cells; after each change of the others."""
    one.simple = not (one.down or one.drain or one.mandatory or one.max_conns)


cdef inline bint ready(Standing* one, int64_t now, bint session) noexcept nogil:
    """Whether a peer may be asked; `session`: for one that is bound to it, which draining keeps."""
    cdef uint64_t* cells = one.cells
    # The usual case, in one step: ORDER_READY, FINDING_UP and no failures are all 0.
    if one.simple and not (cells[<int> STANDING_ORDER] | cells[<int> STANDING_FINDING]
                           | cells[<int> STANDING_FAILED]):
        return True
    return may_serve(one, now, session)


cdef inline bint may_serve(Standing* one, int64_t now, bint session) noexcept nogil:
    cdef uint64_t* cells = one.cells
    cdef uint64_t order = cells[<int> STANDING_ORDER]
    if order == <uint64_t> ORDER_READY:
        if one.down or (one.drain and not session):
            return False
    elif order == <uint64_t> ORDER_DOWN or (order == <uint64_t> ORDER_DRAIN and not session):
        return False
    if cells[<int> STANDING_FINDING] != <uint64_t> FINDING_UP:
        return False
    if one.max_conns and <int64_t> cells[<int> STANDING_IN_FLIGHT] >= one.max_conns:
        return False
    if one.mandatory and not cells[<int> STANDING_CHECKED]:
        return False
    if (one.max_fails and not one.lone
            and <int64_t> cells[<int> STANDING_FAILED] >= one.max_fails):
        return now - <int64_t> cells[<int> STANDING_CHECKED_AT] > one.fail_timeout
    return True


cdef inline int weight_of(Standing* one) noexcept nogil:
    """As configured, or as an administrator has ordered since."""
    cdef uint64_t ordered = one.cells[<int> STANDING_WEIGHT]
    return <int> ordered if ordered else one.configured_weight


cdef inline int64_t share_of(Standing* one, int64_t now) noexcept nogil:
    """What round robin adds for it, in thousandths: less while it starts slowly."""
    cdef uint64_t ordered = one.cells[<int> STANDING_WEIGHT]
    cdef int64_t whole = <int64_t> (ordered if ordered else <uint64_t> one.effective_weight) * 1000
    cdef int64_t since
    if one.slow_start and one.cells[<int> STANDING_UP_AT]:
        since = now - <int64_t> one.cells[<int> STANDING_UP_AT]
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
