from forkproxy.net.greenlets cimport greenlet


cdef class Flush:
    """Something to be done when a turn of the loop is over: what many add to goes once."""

    cdef void flush(self) noexcept      # in the hub; must not wait


cdef class Watch(Flush):
    """One descriptor in the poller: what is told when the kernel has news of it."""

    cdef readonly int fd
    cdef bint registered

    cdef void ready(self, unsigned int events) noexcept     # in the hub; must not wait
    cdef void tick(self, double now) noexcept  # in the hub, ten times a second; must not wait


cdef class Task:
    """Something to run in a greenlet of its own."""

    cdef int run(self) except -1        # Waits.


cdef class Lease:
    """Something lent until the greenlet that has it lets others run."""

    cdef void end(self) noexcept        # must not wait


cdef class Poller:
    """The descriptors of this process, edge-triggered, beside gevent's own loop."""

    cdef int epoll
    cdef readonly double now            # monotonic, of this turn of the loop
    cdef readonly long long heard       # events, in all
    cdef greenlet hub
    cdef object loop
    cdef object watcher
    cdef object timer
    cdef list idle_runners
    cdef list waiting_tasks             # to be started in the next turn
    cdef list woken                     # to be started in this turn, after all events are told
    cdef bint turn_asked
    cdef list flushes                   # called when a turn has ended
    cdef list asked_flushes             # to be done once, when this turn ends
    cdef list posts                     # as asked_flushes, but after what is logged
    cdef bint turning
    cdef object report
    cdef readonly int runners           # greenlets made and not gone
    cdef Lease lease                    # of whoever runs now; None

    cdef int add(self, Watch watch, unsigned int events) except -1
    cdef void remove(self, Watch watch) noexcept
    cdef int start(self, Task task) except -1      # now; only from the hub
    cdef void wake(self, Task task) noexcept       # in this turn; only from Watch.ready
    cdef int soon(self, Task task) except -1       # in the next turn; from anywhere
    cdef int _start_woken(self) except -1
    cdef int _begin(self, Task task) except -1
    cdef int flush_soon(self, Flush flush) except -1    # when this turn ends; from anywhere
    cdef int post(self, Flush flush) except -1     # likewise, or soon; after what is logged
    cdef void deliver(self) noexcept               # what is posted, now
    cdef int _ask_turn(self) except -1
    cdef int _flush(self) except -1
    cdef int switch_out(self) except -1            # to the hub. Waits.
    cdef void lend(self, Lease lease) noexcept     # until the next switch
    cdef void resume(self, greenlet g) noexcept    # from the hub, into a waiting greenlet


cdef Poller poller

# The greenlet that runs now. (greenlet's C interface is imported once for each module; only here.)
cdef greenlet current()
