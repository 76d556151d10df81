"""How long the turns of the loop are: from when poll has returned until the kernel is asked again.

What comes in meanwhile waits that long, whatever it is that holds the loop up: work, the
interpreter's lock in the hand of another thread, a page that is not there, or another process on
the same processor. libev calls us right before and after its epoll_wait, without the interpreter's
lock, so that a wait for it counts too. That costs two readings of the clock a turn.

While somebody wants to know what it is (`profile` in the orders), the kernel is asked before and
after each turn how long the thread ran and how long it only could have.
"""

from libc.stdint cimport uint64_t
from libc.stdlib cimport strtoull
from libc.string cimport memset
from posix.fcntl cimport O_CLOEXEC, O_RDONLY, open as c_open
from posix.unistd cimport pread

import gevent.libev.corecext

from forkproxy.clock cimport monotonic

cdef extern from "<dlfcn.h>" nogil:
    int RTLD_LAZY
    int RTLD_NOLOAD
    void* dlopen(const char* path, int flags)
    void* dlsym(void* handle, const char* name)

ctypedef void (*Called)(void* loop) noexcept nogil
ctypedef void (*SetCalled)(void* loop, Called before, Called after) noexcept nogil

cdef enum:
    EXACT = 4           # microseconds up to which each has a place of its own
    LONG = 64           # octets of what the kernel says of a thread

cdef struct Spent:      # nanoseconds, of a thread's life
    uint64_t run
    uint64_t delay

cdef uint64_t spare[WORDS]      # where nobody has asked to count elsewhere
cdef uint64_t nothing = 0
cdef uint64_t* words = spare
cdef uint64_t* orders = &nothing
cdef object lenders = None      # what these two lie in
cdef double began_at = 0.0
cdef double longest_lately = 0.0
cdef int schedstat = -1
cdef bint close_look = False
cdef Spent before


cdef int place_of(uint64_t duration) noexcept nogil:
    """Return the place of a duration in microseconds."""
    cdef int doublings = 0
    if duration < EXACT:
        return <int> duration
    while duration >= 2 * EXACT:
        duration >>= 1
        doublings += 1
    return min(<int> PLACES - 1, EXACT * doublings + <int> duration)


cdef void count(uint64_t* places, uint64_t duration) noexcept nogil:
    places[place_of(duration)] += 1


cdef void begin_turn(void* loop) noexcept nogil:
    """The kernel has answered."""
    global began_at, close_look, before
    began_at = monotonic()
    if orders[0]:
        if not close_look:
            memset(words + <int> PROFILED_TIME, 0, (3 + PLACES) * sizeof(uint64_t))
        close_look = look(&before)
    else:
        close_look = False


cdef void end_turn(void* loop) noexcept nogil:
    """The kernel is asked now."""
    if began_at > 0.0:
        close_turn(monotonic())


cdef void next_turn(double now) noexcept nogil:
    global began_at
    close_turn(now)
    began_at = now


cdef void close_turn(double now) noexcept nogil:
    global longest_lately
    cdef double seconds = now - began_at
    cdef uint64_t duration = <uint64_t> (seconds * 1e6)
    count(words + <int> TURNS, duration)
    words[<int> TURN_TIME] += duration
    if duration > words[<int> LONGEST_TURN]:
        words[<int> LONGEST_TURN] = duration
    if seconds > longest_lately:
        longest_lately = seconds
    if close_look:
        profile(duration)


cdef void profile(uint64_t duration) noexcept nogil:
    global before
    cdef Spent now
    cdef uint64_t delay
    if not look(&now):
        return
    delay = min(duration, (now.delay - before.delay) // 1000)
    words[<int> PROFILED_TIME] += duration
    words[<int> PROFILED_RUN] += (now.run - before.run) // 1000
    words[<int> PROFILED_DELAY] += delay
    count(words + <int> PROFILED_TURNS, duration - delay)
    before = now


cdef bint look(Spent* found) noexcept nogil:
    """Ask the kernel about this thread; return whether it says anything."""
    cdef char text[LONG]
    cdef char* rest = NULL
    cdef Py_ssize_t length = pread(schedstat, text, LONG - 1, 0)
    if length <= 0:
        return False
    text[length] = 0
    found.run = strtoull(text, &rest, 10)
    found.delay = strtoull(rest, NULL, 10)
    return True


def follow(loop):
    """Count the turns of a loop from now on, the one of this process; return whether that works."""
    global schedstat
    cdef void* handle
    cdef SetCalled set_called = NULL
    if isinstance(loop, gevent.libev.corecext.loop):
        handle = dlopen(gevent.libev.corecext.__file__.encode(), RTLD_LAZY | RTLD_NOLOAD)
        if handle != NULL:
            set_called = <SetCalled> dlsym(handle, "ev_set_loop_release_cb")
    if set_called == NULL:
        return False        # another kind of loop, or one that is built otherwise
    if schedstat < 0:
        schedstat = c_open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
    set_called(<void*> <size_t> loop.ptr, end_turn, begin_turn)
    return True


def count_in(uint64_t[::1] own not None, uint64_t[::1] given not None):
    """Count this process's turns in words of its own, from 0; look closely where `given[0]` is set.

    Raises ValueError where there are fewer than WORDS.
    """
    global words, orders, lenders
    if own.shape[0] < WORDS or given.shape[0] < 1:
        raise ValueError(f"turns are counted in {<int> WORDS} words")
    memset(&own[0], 0, WORDS * sizeof(uint64_t))
    lenders = (own, given)
    words, orders = &own[0], &given[0]


def longest():
    """Return how many seconds the longest turn since the last call took."""
    global longest_lately
    taken, longest_lately = longest_lately, 0.0
    return taken


def spent():
    """Return the seconds that this thread ran, and that it could have but had no processor."""
    cdef Spent found
    if not look(&found):
        return 0.0, 0.0
    return found.run * 1e-9, found.delay * 1e-9


def place(uint64_t duration):
    """Return the place where a duration in microseconds is counted."""
    return place_of(duration)


def bound(int place):
    """Return how many microseconds what is counted in a place takes less than."""
    if place < EXACT:
        return place + 1
    return (EXACT + place % EXACT + 1) << (place // EXACT - 1)


def part(counts, double share):
    """Return how many microseconds so large a share of what is counted takes less than; 0: none."""
    cdef object wanted = share * sum(counts)
    so_far = 0
    for index, number in enumerate(counts):
        so_far += number
        if number and so_far >= wanted:
            return bound(index)
    return 0
