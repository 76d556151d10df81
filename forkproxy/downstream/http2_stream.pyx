"""One stream of an HTTP/2 connection, which is a socket to whoever reads and writes.

A Substream waits as any Stream does; what wakes it is not the kernel but the connection, which
hears of its frames. So bodies, tunnels, delays and upstreams that watch their client need not know
which protocol it speaks.
"""

from libc.string cimport memcpy
from posix.uio cimport iovec

from forkproxy.core.exchange cimport Body
from forkproxy.downstream.http2_outlet cimport FULL
from forkproxy.downstream.request_body cimport RequestBody
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream

from forkproxy.errors import Gone, ProtocolError

DEF WINDOW = 262144         # octets that may come ahead of who reads a body


cdef class Substream(Stream):

    cdef void hear(self) noexcept:
        if self.frames.closed:
            self.hang_up()
            return
        if self.frames.there() or self.frames.ended or self.frames.malformed:
            self.readable = True
        if self.frames.lent_length == 0:
            self.writable = True
        self._wake()

    cdef void hang_up(self) noexcept:
        """Nobody is at the other end any more. In the hub."""
        if self.frames.done and self.frames.ended:
            self.readable = self.writable = True    # all was said: that is no hanging up
        else:
            self.readable = self.writable = self.hung_up = self.broken = True
        self._wake()
        if self.broken and self.waiting_upstream is not None:
            self.waiting_upstream.drop()

    cdef int _check(self) except -1:
        if self.late:
            self.late = False
            raise TimeoutError()
        if self.abandoned:
            raise Gone("abandoned")
        if self.broken:
            raise Gone("client prematurely closed connection")
        return 0

    cdef Py_ssize_t try_recv(self, char* into, Py_ssize_t room) except? -3:
        cdef Py_ssize_t count = self.frames.there()
        if self.frames.malformed:
            raise ProtocolError("client sent content of another length than it said")
        if count:
            count = min(count, room)
            memcpy(into, self.frames.octets(), count)
            self.took(count)
            return count
        if self.frames.ended:
            return 0
        if self.broken:
            raise Gone("client prematurely closed connection")
        self.readable = False
        return -2

    cdef int took(self, Py_ssize_t count) except -1:
        self.received += count
        self.outlet.session.take(self.frames, count)
        self.outlet.produce()
        return 0

    cdef int wait_readable(self) except -1:
        if not self.wide:
            self.wide = True
            self.outlet.session.widen(self.frames, WINDOW)
            self.outlet.produce()
        return Stream.wait_readable(self)

    cdef Py_ssize_t try_sendv(self, iovec* pieces, int count) except -1:
        """What goes by frames is lent whole: see send_piece."""
        raise NotImplementedError

    cdef int send_all(self, const char* octets, Py_ssize_t length) except -1:
        return self.send_piece(octets, length, False)

    cdef int send_piece(self, const char* octets, Py_ssize_t count, bint last,
                        Body body=None) except -1:
        cdef H2Stream frames = self.frames
        cdef bint held = body is None
        self.outlet.session.lend(frames, octets, count, last)
        try:
            while not self._gone(last):
                if not held:
                    held = True
                    octets = body.hold(octets, count)
                    frames.lent = octets + count - frames.lent_length
                self._wait_for_room()
        finally:
            self.outlet.session.reclaim(frames)
        return 0

    cdef int finish(self) except -1:
        while not self._gone(True):
            self._wait_for_room()
        return 0

    cdef int _wait_for_room(self) except -1:
        """Wait for a window, or for the socket. Waits.

        send_min_rate is asked of a client that keeps our window shut. One that is slow to take what
        all of its streams say is the connection's matter.
        """
        cdef long long least = self.write_least
        cdef double waited = self.write_waited
        self.writable = False
        self.sent = self.frames.sent
        if self.outlet.socket.writable:
            return self.wait_writable()
        self.write_least = 0
        try:
            self.wait_writable()
        finally:
            self.write_least = least
            self.write_waited = waited
        return 0

    cdef bint _gone(self, bint last) except -1:
        """Make frames while they find room; whether all that was lent is in one."""
        cdef H2Stream frames = self.frames
        while True:
            self._check()
            if frames.closed and not frames.done:
                raise Gone("client prematurely closed connection")
            self.outlet.produce()
            if frames.lent_length == 0 and (not last or frames.done):
                return True
            if self.outlet.session.out.used < FULL or not self.outlet.push():
                return False

    cdef bint plain(self) noexcept:
        return False

    def shut(self):
        """End our direction; the other side may still send."""
        if not self.frames.closed:
            self.outlet.session.lend(self.frames, NULL, 0, True)
            self.outlet.produce()

    cpdef void close(self):
        """Whoever waits here stops. The frames' end is the exchange's matter."""
        self.broken = self.hung_up = True
        self.readable = self.writable = True
        if self.waiting_upstream is not None:
            self.waiting_upstream.abandon()
            self.waiting_upstream = None
        if self.reader is not None or self.writer is not None:
            poller.loop.run_callback(self._wake_all_in_hub)


cdef class H2Body(RequestBody):

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        cdef Py_ssize_t there
        if self.ended or self.frames.malformed:
            return 0
        there = self.frames.there()
        if there == 0:
            return 0
        octets[0] = self.frames.octets()
        return there

    cdef bint ends_with(self, Py_ssize_t count) noexcept:
        return self.frames.ended and count == self.frames.there()

    cdef void took(self, Py_ssize_t count) noexcept:
        (<Substream> self.client.stream).took(count)
        self._count(count)
        if self.left >= 0:
            self.left -= count
        if self.frames.there() == 0:
            self._over()

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        return 0 if self.ended else self._read_past_buffer(into, room)

    cdef Py_ssize_t receive(self, char* into, Py_ssize_t room) except -1:
        cdef long long most = self._settings().client_max_body_size
        cdef Py_ssize_t count
        cdef double since = poller.now
        self.client.continue_request()
        self.client.stream.read_limit = self._settings().client_body_timeout
        if self.left == 0:
            return self._await_end()
        count = self.client.stream.recv_into(into, room)
        self.came += count
        if most and self.content_read + count > most:
            raise ProtocolError("client intended to send too large body", status=413)
        if poller.now > since:
            self._check_rate(since)
        return count

    cdef int _await_end(self) except -1:
        """All of its length has come: only the end of the stream may follow. Waits.

        RFC 9113 §8.1.1: content of another length is malformed. Who passes it on unread hears of
        it too late to keep it, but in time to give up the request.
        """
        cdef Stream stream = self.client.stream
        while not self.frames.ended and not self.frames.malformed:
            stream.readable = False
            stream.wait_readable()
        if self.frames.malformed:
            raise ProtocolError("client sent content of another length than it said")
        return 0

    cdef bint drained(self, long long count) noexcept:
        return self.frames.ended and not self.frames.malformed and self.frames.there() == 0

    cdef void _over(self) noexcept:
        """All of its length may have been read, and still it is over only with the stream."""
        if self.frames.ended and not self.frames.malformed:
            RequestBody._over(self)

    cdef void complete(self) noexcept:
        self.trailers = self.frames.trailers
