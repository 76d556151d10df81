"""An upstream's answer: its head, then its content as the client's side asks for it."""

from forkproxy.core.exchange cimport Body, Exchange
from forkproxy.core.incoming cimport Incoming
from forkproxy.net.buffer cimport Buffer, give_back
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.pool cimport Connection
from forkproxy.upstream.read_ahead cimport ReadAhead
from forkproxy.wire.chunked cimport ChunkedDecoder
from forkproxy.wire.head cimport ResponseHead, parse_response
from forkproxy.wire.head_limits cimport response_head_length

from forkproxy.errors import PeerError, ProtocolError
from forkproxy.net import tasks

cdef str TOO_BIG = "too big header"
cdef str READING = " while reading response header from upstream"

DEF INTERIM = 16        # 1xx answers passed over before the final one


cdef class Answer(Incoming):

    cdef Py_ssize_t octets(self, Stream stream, char* into, Py_ssize_t room) except -1:
        return stream.recv_into(into, room)

    cdef ResponseHead read_head(self, Exchange exchange, Connection connection, Buffer buffer,
                                Py_ssize_t most, bint slow):
        cdef ResponseHead head
        cdef int _interim
        for _interim in range(INTERIM):
            head = self._next_head(connection.stream, buffer, most, exchange.method, slow)
            if head.status >= 200 or head.status == 101:
                return head
            if head.status == 103 and self.hints is not None:
                self.hints.show(exchange, head)
        raise PeerError("upstream sent too many interim responses", sent=True)

    cdef ResponseHead _next_head(self, Stream stream, Buffer buffer, Py_ssize_t most, bytes method,
                                 bint slow):
        cdef Py_ssize_t scanned = 0, length = 0
        cdef ResponseHead head
        try:
            while True:
                if buffer.end > buffer.start:
                    length = response_head_length(buffer.data + buffer.start, buffer.length(),
                                                  &scanned, most)
                    if length:
                        break
                if buffer.room() == 0:
                    buffer.compact()
                    if buffer.room() == 0:
                        raise ProtocolError(TOO_BIG)
                self._more(stream, buffer, min(buffer.room(), most) if slow else buffer.room())
            head = parse_response(buffer.data + buffer.start, length, method)
        except ProtocolError as error:
            what = error.reason if error.reason == TOO_BIG else f"invalid header ({error.reason})"
            raise PeerError(f"upstream sent {what}" + READING, sent=True, invalid=True) from None
        buffer.start += length
        return head

    cdef int _more(self, Stream stream, Buffer buffer, Py_ssize_t room) except -1:
        """Read once more of what the head is looked for in."""
        cdef Py_ssize_t count
        try:
            count = self.octets(stream, buffer.data + buffer.end, room)
        except TimeoutError:
            raise PeerError("upstream timed out" + READING, sent=True, status=504) from None
        except OSError as error:
            raise PeerError(f"recv() failed ({error.errno}: {error.strerror})" + READING,
                            sent=True) from None
        if count == 0:
            raise PeerError("upstream prematurely closed connection" + READING, sent=True)
        buffer.end += count
        return 0

    cdef int framed(self, ResponseHead head) except -1:
        self.keep_alive = head.keep_alive
        if head.chunked:
            self.decoder = ChunkedDecoder()
            self.left = -1
        else:
            self.left = self.length = head.content_length
        return 0

    cdef Py_ssize_t receive(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        if self.rate > 0.0:
            room = self._paced(room)
        try:
            count = self.octets(self.connection.stream, into, room)
        except TimeoutError:
            self._end(False)
            raise PeerError("upstream timed out while reading upstream",
                            sent=True, status=504) from None
        except OSError as error:
            self._end(False)
            reason = f"{error.errno}: {error.strerror}"
            raise PeerError(f"recv() failed ({reason}) while reading upstream", sent=True) from None
        self.attempt.received += count
        return count

    cdef bint quiet(self) except -1:
        """Also what has come on the connection and was not read yet is there."""
        return Incoming.quiet(self) and not self.ended and (
            self.rate > 0.0 or self.connection.stream.quiet())

    cdef Py_ssize_t _paced(self, Py_ssize_t room) except -1:
        """How much of `room` the rate allows to be read, one second's worth ahead. Waits."""
        cdef double allowed
        while True:
            allowed = self.rate * (poller.now - self.since + 1.0) - self.attempt.received
            if allowed >= 1.0:
                return min(room, <Py_ssize_t> allowed)
            tasks.sleep((1.0 - allowed) / self.rate)

    cdef int cut_short(self) except -1:
        self._end(False)
        raise PeerError("upstream prematurely closed connection while reading upstream", sent=True)

    cdef int broken(self, str reason) except -1:
        self._end(False)
        raise PeerError(f"upstream sent invalid chunked response ({reason}) while reading upstream",
                        sent=True)

    cdef void complete(self) noexcept:
        self._end(True)

    cdef Body read_on(self):
        cdef ReadAhead ahead
        if not self.read_ahead or self.ended:
            return self
        ahead = ReadAhead(self, self.read_ahead, self.temp_file_size, self.temp_path)
        ahead.begin()
        return ahead

    cdef void _end(self, bint whole) noexcept:
        """The connection is kept where the answer was complete and it may be, else closed."""
        cdef Connection connection = self.connection
        self.ended = True
        if connection is None:
            return
        self.connection = None
        self.attempt.content = self.content_read
        self.attempt.response_time = poller.now - self.attempt.started
        if self.pump is not None and not self.pump.finished:
            # The answer is complete before the request is: what is left of that would be the
            # beginning of the next one.
            whole = False
        self.surplus = whole and self.buffer.start != self.buffer.end
        if whole and self.keep_alive and not self.surplus:
            connection.pool.give_back(connection)
        else:
            connection.close()
        self._release()

    cdef void _release(self) noexcept:
        give_back(self.buffer)
        self.buffer = None
        if self.released is not None:
            released = self.released
            self.released = None
            try:
                released()
            except Exception as error:
                poller.report("unhandled at the end of an upstream's answer", error)

    cdef Connection detach(self):
        cdef Connection connection = self.connection
        self.connection = None
        self.ended = True
        self._release()
        return connection

    cpdef void close(self):
        self._end(False)
