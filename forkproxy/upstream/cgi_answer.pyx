"""The answer of an application: no status line, but a Status field (RFC 3875 §6)."""

from libc.string cimport memcmp, memcpy

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.buffer cimport Buffer
from forkproxy.upstream.answer cimport Answer
from forkproxy.upstream.pool cimport Connection
from forkproxy.wire.head cimport ResponseHead
from forkproxy.wire.names cimport LOCATION, STATUS

from forkproxy.errors import PeerError

# Stands before what comes, so that one parser reads all heads.
cdef const char* ASSUMED = b"HTTP/1.1 200 OK\r\n"
DEF ASSUMED_LENGTH = 17
DEF TOLD = 5                # octets that tell "HTTP/" from the name of a field


cdef class CgiAnswer(Answer):

    cdef ResponseHead read_head(self, Exchange exchange, Connection connection, Buffer buffer,
                                Py_ssize_t most, bint slow):
        cdef ResponseHead head
        memcpy(buffer.data, ASSUMED, ASSUMED_LENGTH)
        buffer.end = ASSUMED_LENGTH
        while self.native and buffer.end < ASSUMED_LENGTH + TOLD:
            self._more(connection.stream, buffer, min(most, buffer.room()))
        if self.native and memcmp(buffer.data + ASSUMED_LENGTH, b"HTTP/", TOLD) == 0:
            buffer.start = ASSUMED_LENGTH
            head = self._next_head(connection.stream, buffer, most, exchange.method, slow)
        else:
            head = self._next_head(connection.stream, buffer, most + ASSUMED_LENGTH,
                                   exchange.method, slow)
            self._interpret(head)
        # Nothing here is chunked, and who says so means what a server in front of it would do.
        head.chunked = False
        head.keep_alive = False
        return head

    cdef int _interpret(self, ResponseHead head) except -1:
        """Without Status, a Location says 302, and anything else 200 (RFC 3875 §6.2)."""
        cdef bytes status = head.fields.known_value(STATUS)
        if status is None:
            if head.fields.find_known(LOCATION) >= 0:
                head.status = 302
                head.reason = None
            return 0
        if not (status[:3].isdigit() and len(status) >= 3 and 100 <= int(status[:3])
                and status[3:4] in (b"", b" ")):
            raise PeerError(f"upstream sent invalid status {status.decode(errors='replace')!r} "
                            "while reading response header from upstream", sent=True, invalid=True)
        head.status = int(status[:3])
        head.reason = status[4:].strip() or None
        return 0
