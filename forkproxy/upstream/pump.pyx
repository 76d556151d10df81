"""The second greenlet of an exchange whose request body is long or still coming.

With it an early answer (401 before the upload is over) and a conversation in both directions work:
neither side waits for the other to finish.
"""

from libc.string cimport memcpy

from forkproxy.core.exchange cimport Body
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.gate cimport Gate
from forkproxy.net.poller cimport Task, poller
from forkproxy.net.stream cimport Stream
from forkproxy.wire.chunk cimport CHUNK_FRONT, frame_chunk

from forkproxy.errors import Gone, ProtocolError

DEF BEHIND = 8              # octets of room for what closes a piece


cdef class Pump(Task):

    cdef int begin(self, Body body, Stream upstream, Stream client) except -1:
        self.body = body
        self.upstream = upstream
        self.client = client
        self.done = Gate.__new__(Gate)
        poller.soon(self)
        return 0

    cdef int run(self) except -1:
        cdef Buffer buffer = lend_large()
        try:
            self._carry(buffer)
        finally:
            give_back(buffer)
            self.body.close()
            self.done.open()
        return 0

    cdef int _carry(self, Buffer buffer) except -1:
        cdef Py_ssize_t count, front
        cdef bint last
        while not self.stopping:
            try:
                count = self.body.read_into(buffer.data + CHUNK_FRONT,
                                            buffer.size - CHUNK_FRONT - BEHIND)
            except (Gone, OSError, ProtocolError) as error:
                if not self.stopping:
                    self.failure = error
                    self.upstream.abandon()
                return 0
            self.sent += count
            # Where the end is known at once, not only when the next read says so, it goes with the
            # last octets: the answer may come before that.
            last = count == 0 or self.body.drained(self.sent)
            front = self.frame(buffer.data, CHUNK_FRONT, &count, last)
            try:
                self.upstream.send_all(buffer.data + front, count)
            except (Gone, OSError):
                # It takes no more: perhaps it has answered already, which its reader finds out.
                return 0
            if last:
                self.finished = True
                return 0
        return 0

    cdef Py_ssize_t frame(self, char* data, Py_ssize_t at, Py_ssize_t* count,
                          bint last) noexcept:
        cdef Py_ssize_t front
        if self.body.length >= 0:
            return at
        front = frame_chunk(data, at, count[0])
        if last and count[0]:
            memcpy(data + at + count[0] + 2, b"0\r\n\r\n", 5)
            count[0] += 5
        count[0] += at - front + 2
        return front

    cdef int stop(self) except -1:
        if self.done.passed:
            return 0
        self.stopping = True
        self.upstream.abandon()
        if self.client is not None:
            self.client.abandon()
        self.done.wait()
        if self.client is not None:
            self.client.revive()
        return 0
