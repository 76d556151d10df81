"""Stream: one connected socket, read and written as if every call blocked.

Readiness is edge-triggered: `readable` and `writable` stay true until a call of the kernel says
that there is nothing more, so a greenlet waits only when it must. What is posted goes when the turn
of the loop ends, one stream after the other: who is woken by the first octets is still busy with
them when the next come, and the kernel's code for sending stays in the processor's cache (a fifth
to a third less time for a small answer, more with TLS). Deadlines are an attribute that
the poller's tick looks at, ten times a second; nothing is ever raised in a greenlet that does not
wait here.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.errno cimport EAGAIN, EINTR, ENOTCONN, EPIPE, errno
from libc.string cimport memcpy
from posix.types cimport off_t
from posix.uio cimport iovec, writev
from posix.unistd cimport close as c_close

import os

from forkproxy.errors import Gone
from forkproxy.net.buffer cimport LARGE, SMALL, Buffer, give_back, lend_small
from forkproxy.net.greenlets cimport greenlet
from forkproxy.net.poller cimport Watch, current, poller

cdef extern from "<sys/epoll.h>" nogil:
    unsigned int EPOLLIN
    unsigned int EPOLLOUT
    unsigned int EPOLLERR
    unsigned int EPOLLHUP
    unsigned int EPOLLRDHUP
    unsigned int EPOLLET

cdef extern from "<sys/socket.h>" nogil:
    int MSG_NOSIGNAL
    int MSG_PEEK
    int SHUT_WR
    Py_ssize_t c_recv "recv" (int fd, void* into, size_t length, int flags)
    Py_ssize_t c_send "send" (int fd, const void* octets, size_t length, int flags)
    int c_shutdown "shutdown" (int fd, int how)
    int setsockopt(int fd, int level, int name, const void* value, unsigned int length)

cdef extern from "<sys/sendfile.h>" nogil:
    Py_ssize_t c_sendfile "sendfile" (int to, int fd, off_t* offset, size_t count)

DEF MOST_PIECES = 16
DEF GRACE = 5.0         # seconds of waiting before a demand holds

cdef class Sleeper:

    cdef void woken(self, Stream stream) noexcept:
        pass

    cdef void expired(self, Stream stream) noexcept:
        pass

    cdef void room(self, Stream stream) noexcept:
        pass

    cdef void tick(self, Stream stream, double now) noexcept:
        pass


cdef class Stream(Watch):

    def __init__(self, int fd, bint connected=True):
        """Take over a non-blocking socket's descriptor; it is closed with the stream."""
        self.fd = fd
        self.readable = connected       # try before waiting: what was sent first is often there
        self.writable = connected
        poller.add(self, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

    cdef void ready(self, unsigned int events) noexcept:
        if events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR):
            self.hung_up = True
            if events & (EPOLLHUP | EPOLLERR):
                self.broken = True
        if events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR):
            self.readable = True
        if events & (EPOLLOUT | EPOLLHUP | EPOLLERR):
            self.writable = True
            if self.posted is not None:
                self.flush()
        # One or the other: whoever is resumed may leave the stream to a sleeper, which this event
        # does not concern any more.
        if self.sleeper is None:
            self._wake()
        else:
            if events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR):
                self.sleeper.woken(self)
            if events & EPOLLOUT and self.sleeper is not None:
                self.sleeper.room(self)
        if self.hung_up and self.waiting_upstream is not None:
            # Now, not in the next turn: what it holds (a limit's place) is free for whom this turn
            # still brings.
            self.waiting_upstream.drop()

    cdef void _wake(self) noexcept:
        """Run whoever waits for what is now so."""
        cdef greenlet waiting
        if self.reader is not None and self.readable:
            waiting = self.reader
            self.reader = None
            if self.writer is waiting:
                self.writer = None
            poller.resume(waiting)
        if self.writer is not None and self.writable:
            waiting = self.writer
            self.writer = None
            if self.reader is waiting:
                self.reader = None
            poller.resume(waiting)

    cdef void tick(self, double now) noexcept:
        cdef greenlet waiting
        if self.read_by != 0.0 and now >= self.read_by:
            if self.reader is not None:
                waiting = self.reader
                self.reader = None
                self.read_by = 0.0
                self.late = True
                poller.resume(waiting)
            elif self.sleeper is not None:
                self.read_by = 0.0
                self.sleeper.expired(self)
        if self.write_by != 0.0 and now >= self.write_by and self.writer is not None:
            waiting = self.writer
            self.writer = None
            self.write_by = 0.0
            self.late = True
            poller.resume(waiting)
        if self.sleeper is not None:
            self.sleeper.tick(self, now)

    cdef _wake_all(self):
        cdef greenlet one = self.reader
        cdef greenlet other = self.writer
        self.reader = None
        self.writer = None
        if one is not None:
            poller.resume(one)
        if other is not None and other is not one:
            poller.resume(other)

    cpdef void abandon(self):
        """Make whoever waits here stop with Gone: nobody wants the outcome any more."""
        self.abandoned = True
        if self.reader is not None or self.writer is not None:
            # Not at once: we may be in a greenlet, and only the hub may switch into another.
            poller.loop.run_callback(self._wake_all_in_hub)

    cdef void drop(self) noexcept:
        self.abandoned = True
        try:
            self._wake_all()
        except Exception as error:
            poller.report("unhandled while a stream was abandoned", error)

    cdef void revive(self) noexcept:
        """Take `abandon` back, once whoever waited has stopped."""
        self.abandoned = False

    def _wake_all_in_hub(self):
        self._wake_all()

    cdef int _check(self) except -1:
        if self.late:
            self.late = False
            raise TimeoutError()
        if self.abandoned:
            raise Gone("abandoned")
        if self.lost:
            raise OSError(self.lost, os.strerror(self.lost))
        if self.fd < 0:
            raise OSError(ENOTCONN, "closed")
        return 0

    cdef int wait_readable(self) except -1:
        while not self.readable:
            self._check()
            if self.read_limit != 0.0:
                self.read_by = poller.now + self.read_limit
            self.reader = current()
            poller.switch_out()
            self._check()
        return 0

    cdef int wait_writable(self) except -1:
        cdef double since, until
        while not self.writable:
            self._check()
            since = poller.now
            until = self.write_until()
            if until != 0.0:
                self.write_by = until       # else a limit of the caller's own stands, as a dial's
            self.writer = current()
            poller.switch_out()
            self.waited_to_write(since)
            self._check()
        return 0

    cdef void demand(self, long long least) noexcept:
        self.write_least = least
        self.write_waited = 0.0
        self.write_from = self.sent

    cdef void waited_to_write(self, double since) noexcept:
        self.write_waited += poller.now - since

    cdef double write_until(self) noexcept:
        """When a wait for room ends that begins now; 0.0: never."""
        cdef double until = poller.now + self.write_limit if self.write_limit != 0.0 else 0.0
        cdef double patience
        if self.write_least:
            # Only what we waited for it counts: who is slow to be told is not slow to listen.
            patience = GRACE + (self.sent - self.write_from) / <double> self.write_least
            patience = max(poller.now + patience - self.write_waited, poller.now)
            until = min(until, patience) if until != 0.0 else patience
        return until

    cdef Py_ssize_t try_recv(self, char* into, Py_ssize_t room) except? -3:
        cdef Py_ssize_t count
        if not self.readable:
            return -2
        while True:
            count = c_recv(self.fd, into, room, 0)
            if count >= 0:
                break
            if errno == EAGAIN:
                self.readable = False
                return -2
            if errno != EINTR:
                raise OSError(errno, os.strerror(errno))
        if 0 < count < room and not self.hung_up:
            # A short read took all there was; the next octets are a new edge. Once the other side
            # has closed there is no further edge, so then we read on to the end.
            self.readable = False
        self.received += count
        return count

    cdef Py_ssize_t try_peek(self, char* into, Py_ssize_t room) except? -3:
        cdef Py_ssize_t count = c_recv(self.fd, into, room, MSG_PEEK)
        if count >= 0:
            return count
        if errno == EAGAIN or errno == EINTR:
            self.readable = errno == EINTR
            return -2
        raise OSError(errno, os.strerror(errno))

    cdef bint quiet(self) except -1:
        """Whether there is nothing to read, neither octets nor an end."""
        cdef char octet
        if self.readable and not self.hung_up:
            if c_recv(self.fd, &octet, 1, MSG_PEEK) < 0 and errno == EAGAIN:
                self.readable = False
        return not self.readable

    cdef Py_ssize_t recv_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while True:
            count = self.try_recv(into, room)
            if count >= 0:
                return count
            self.wait_readable()

    cdef Py_ssize_t try_sendv(self, iovec* pieces, int count) except -1:
        if self.posted is not None and not self.deliver():
            return 0
        return self.take(pieces, count)

    cdef Py_ssize_t take(self, iovec* pieces, int count) except -1:
        cdef Py_ssize_t went, asked = 0
        cdef int index
        if not self.writable:
            return 0
        for index in range(count):
            asked += pieces[index].iov_len
        while True:
            if count == 1:
                went = c_send(self.fd, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL)
            else:
                went = writev(self.fd, pieces, count)
            if went >= 0:
                break
            if errno == EAGAIN:
                self.writable = False
                return 0
            if errno != EINTR:
                self.broken = True
                raise OSError(errno, os.strerror(errno))
        if went < asked:
            self.writable = False
        self.sent += went
        return went

    cdef int sendv(self, iovec* pieces, int count) except -1:
        cdef Py_ssize_t went
        cdef int first = 0
        while first < count:
            went = self.try_sendv(pieces + first, min(count - first, MOST_PIECES))
            while first < count and went >= <Py_ssize_t> pieces[first].iov_len:
                went -= pieces[first].iov_len
                first += 1
            if first == count:
                break
            pieces[first].iov_base = <char*> pieces[first].iov_base + went
            pieces[first].iov_len -= went
            self.wait_writable()
        return 0

    cdef int post(self, const char* octets, Py_ssize_t length) except -1:
        cdef bytes kept
        if self.lost:
            raise OSError(self.lost, os.strerror(self.lost))
        if self.posted is not None and self.posted.room() < length:
            self.deliver()
        if not self.writable or length > SMALL or self.posted is not None \
                and self.posted.room() < length:
            kept = octets[:length]
            return self.send_all(PyBytes_AS_STRING(kept), length)
        if self.posted is None:
            poller.post(self)           # first: others may be delivered here, and we among them
            self.posted = lend_small()
        memcpy(self.posted.data + self.posted.end, octets, length)
        self.posted.end += length
        self.sent += length
        return 0

    cdef bint deliver(self) except -1:
        cdef Buffer posted = self.posted
        cdef iovec piece
        cdef Py_ssize_t went
        if posted is None:
            return True
        piece.iov_base = posted.data + posted.start
        piece.iov_len = posted.length()
        went = self.take(&piece, 1)
        self.sent -= went               # they count since they were posted
        posted.start += went
        if posted.start < posted.end:
            return False
        self.posted = None
        give_back(posted)
        return True

    cdef void flush(self) noexcept:
        try:
            self.deliver()
        except OSError as error:
            self.lost = error.errno or EPIPE
            self._forget_posted()
            self.readable = True        # whoever waits for an answer shall learn of it
            if self.reader is not None or self.writer is not None:
                poller.loop.run_callback(self._wake_all_in_hub)

    cdef void _forget_posted(self) noexcept:
        give_back(self.posted)
        self.posted = None

    cdef int send_all(self, const char* octets, Py_ssize_t length) except -1:
        cdef iovec piece
        piece.iov_base = <void*> octets
        piece.iov_len = length
        if length == 0:
            return 0
        return self.sendv(&piece, 1)

    cdef Py_ssize_t try_send_file(self, int fd, long long offset, Py_ssize_t count) except -1:
        cdef off_t at = offset
        cdef Py_ssize_t went
        if not self.deliver() or not self.writable:
            return 0
        while True:
            went = c_sendfile(self.fd, fd, &at, count)
            if went >= 0:
                break
            if errno == EAGAIN:
                self.writable = False
                return 0
            if errno != EINTR:
                self.broken = True
                raise OSError(errno, os.strerror(errno))
        self.sent += went
        return went

    cdef bint plain(self) noexcept:
        return True

    def recv(self, Py_ssize_t most=LARGE):
        """Return at most so many octets, b"" at the end. Waits."""
        cdef bytes octets
        cdef Py_ssize_t count
        octets = PyBytes_FromStringAndSize(NULL, most)
        count = self.recv_into(PyBytes_AS_STRING(octets), most)
        return octets[:count]

    def send(self, bytes octets not None):
        """Send all of it. Waits."""
        self.send_all(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))

    def send_soon(self, bytes octets not None):
        """Send all of it when this turn ends. Waits only where the other side does not listen."""
        self.post(PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))

    def shut(self):
        """End our direction; the other side may still send."""
        if self.fd >= 0:
            self.flush()
            c_shutdown(self.fd, SHUT_WR)

    cpdef void close(self):
        """Close the socket. Whoever waits on it stops with OSError."""
        cdef int fd = self.fd
        if fd < 0:
            return
        if self.posted is not None:
            self.flush()
            self._forget_posted()
        poller.remove(self)
        self.fd = -1
        self.sleeper = None
        if self.waiting_upstream is not None:
            self.waiting_upstream.abandon()
            self.waiting_upstream = None
        c_close(fd)
        self.readable = self.writable = True
        if self.reader is not None or self.writer is not None:
            poller.loop.run_callback(self._wake_all_in_hub)

    def fileno(self):
        return self.fd

    def __dealloc__(self):
        if self.fd >= 0:
            c_close(self.fd)


cdef int set_option(int fd, int level, int name, int value) noexcept:
    """Set an integer socket option; what the kernel refuses stays as it was."""
    return setsockopt(fd, level, name, &value, sizeof(value))
