from posix.uio cimport iovec

from forkproxy.net.buffer cimport Buffer
from forkproxy.net.greenlets cimport greenlet
from forkproxy.net.poller cimport Watch


cdef class Sleeper:
    """Who is told when something happens on a stream that nobody waits on."""

    cdef void woken(self, Stream stream) noexcept       # in the hub; must not wait
    cdef void expired(self, Stream stream) noexcept     # read_by has passed; likewise
    cdef void room(self, Stream stream) noexcept        # it may be written again; likewise
    cdef void tick(self, Stream stream, double now) noexcept    # ten times a second; likewise


cdef class Stream(Watch):
    """One connected socket.

    A step that waits raises TimeoutError when its time is over, Gone when `abandon()` is called
    meanwhile, OSError for what the kernel reports. At most one greenlet waits to read and one to
    write.
    """

    cdef public double read_limit  # seconds that one wait for octets may take; 0.0: see read_by
    cdef public double write_limit      # seconds that one wait for room may take
    cdef public long long write_least   # octets a second that the other side must take; 0: any
    cdef double write_waited            # seconds, since these are asked for
    cdef long long write_from           # octets sent before
    cdef public double read_by  # monotonic, when waiting to read (or sleeping) ends; 0.0: never
    cdef public double write_by
    cdef readonly bint readable         # there may be octets, an end or an error to read
    cdef readonly bint writable
    cdef readonly bint hung_up          # the other side has closed, at least its direction
    cdef readonly bint broken           # both directions are closed, or the connection was reset
    cdef bint abandoned
    cdef bint late                      # the reader's, and the writer's time was over
    cdef greenlet reader
    cdef greenlet writer
    cdef Sleeper sleeper
    cdef Buffer posted                  # octets that go when the turn ends, or when there is room
    cdef int lost                       # errno, where they could not be sent
    cdef Stream waiting_upstream        # abandon this one when the other side hangs up
    cdef public long long received      # octets, in all
    cdef public long long sent

    cdef Py_ssize_t try_recv(self, char* into, Py_ssize_t room) except? -3  # -2: nothing there now
    cdef Py_ssize_t recv_into(self, char* into, Py_ssize_t room) except -1  # 0 at the end. Waits.
    # how many octets went, 0 for none now
    cdef Py_ssize_t try_sendv(self, iovec* pieces, int count) except -1
    cdef int sendv(self, iovec* pieces, int count) except -1  # all. Waits. The octets must stay.
    # all. Waits. The octets must stay.
    cdef int send_all(self, const char* octets, Py_ssize_t length) except -1
    # All, when this turn ends; they are copied. Waits only where the other side does not listen.
    # What goes wrong later is seen by who waits here next.
    cdef int post(self, const char* octets, Py_ssize_t length) except -1
    cdef bint deliver(self) except -1   # what is posted, now; whether nothing of it is left
    cdef Py_ssize_t take(self, iovec* pieces, int count) except -1  # when nothing is posted
    cdef Py_ssize_t try_send_file(self, int fd, long long offset, Py_ssize_t count) except -1
    # as try_recv; they stay there
    cdef Py_ssize_t try_peek(self, char* into, Py_ssize_t room) except? -3
    cdef int wait_readable(self) except -1
    cdef int wait_writable(self) except -1
    # Let what is sent from now on have to be taken so fast, or be a TimeoutError.
    cdef void demand(self, long long least) noexcept
    cdef double write_until(self) noexcept      # when a wait for room ends that begins now
    cdef void waited_to_write(self, double since) noexcept      # such a wait has ended
    cdef bint plain(self) noexcept      # octets go out as they are: no TLS
    cpdef void abandon(self)
    cdef void drop(self) noexcept       # abandon, in the hub, at once
    cdef void revive(self) noexcept
    cpdef void close(self)
    cdef void _wake(self) noexcept
    cdef bint quiet(self) except -1
    cdef _wake_all(self)
    cdef void _forget_posted(self) noexcept
    cdef int _check(self) except -1

cdef int set_option(int fd, int level, int name, int value) noexcept
