"""Frames to the socket of an HTTP/2 connection: what all streams say in one turn is one write.

Streams make frames as soon as they have something, into one buffer, and go on. When the turn of the
loop ends it is written. Only who has more than the buffer holds writes at once, and only what the
client does not take makes anybody wait.
"""

from posix.uio cimport iovec

from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream

DEF ROUNDS = 8              # times FULL in one go, before other connections get their turn


cdef class Outlet:

    cdef int produce(self) except -1:
        self.session.fill(FULL)
        if not self.asked:
            self.asked = True
            poller.flush_soon(self)
        return 0

    cdef bint push(self) except -1:
        cdef iovec piece
        cdef Py_ssize_t count
        if self.lost:
            return False
        piece.iov_base = self.session.out.data
        piece.iov_len = self.session.out.used
        try:
            count = self.socket.try_sendv(&piece, 1)
            if count:
                self.session.went(count)
                self.moved()
        except OSError:
            self.lost = True
        return self.session.out.used == 0 and not self.lost

    cdef void flush(self) noexcept:
        cdef int _round
        self.asked = True           # what streams make while they are told is written here too
        try:
            for _round in range(ROUNDS):
                self.session.fill(FULL)
                self.hear()
                if self.lost or self.session.out.used == 0 or not self.push():
                    break
            else:
                poller.flush_soon(self)
                return
            self.asked = False
        except Exception as error:
            poller.report("unhandled while HTTP/2 frames were sent", error)
            self.lost = True
        if self.lost:
            self.broke()
        elif self.session.out.used:
            self.stuck()
        else:
            self.sent()

    cdef void released(self, Stream stream) noexcept:
        pass

    cdef void hear(self) noexcept:
        pass

    cdef void sent(self) noexcept:
        pass

    cdef void moved(self) noexcept:
        pass

    cdef void stuck(self) noexcept:
        pass

    cdef void broke(self) noexcept:
        pass
