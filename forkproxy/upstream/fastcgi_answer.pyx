"""The records that a FastCGI application answers with, taken off while its answer is read."""

from libc.string cimport memcpy

from forkproxy.core.exchange cimport Exchange
from forkproxy.net.buffer cimport Buffer, give_back, lend_large
from forkproxy.net.poller cimport poller
from forkproxy.net.stream cimport Stream
from forkproxy.upstream.cgi_answer cimport CgiAnswer
from forkproxy.upstream.pool cimport Connection
from forkproxy.wire.fastcgi cimport END, MORE, STDERR, Piece, Records
from forkproxy.wire.head cimport ResponseHead

from forkproxy.errors import PeerError, ProtocolError

DEF LONGEST = 2048          # octets of STDERR in one line of the log
cdef str READING = " while reading response header from upstream"


cdef class FastCgiAnswer(CgiAnswer):

    cdef ResponseHead read_head(self, Exchange exchange, Connection connection, Buffer buffer,
                                Py_ssize_t most, bint slow):
        cdef ResponseHead head
        self.exchange = exchange
        self.records = Records()
        self.raw = lend_large()
        self.said = b""
        try:
            head = CgiAnswer.read_head(self, exchange, connection, buffer, most, slow)
        except BaseException:
            self._let_go()
            raise
        head.keep_alive = self.keeps
        return head

    cdef Py_ssize_t octets(self, Stream stream, char* into, Py_ssize_t room) except -1:
        cdef Buffer raw = self.raw
        cdef Py_ssize_t used = 0, count = 0
        cdef Piece piece
        while not self.records.over:
            try:
                piece = self.records.next(raw.data + raw.start, raw.length(), &used, &count)
            except ProtocolError as error:
                raise PeerError(f"upstream sent {error.reason}", sent=True, invalid=True) from None
            raw.start += used
            if piece == MORE:
                raw.start = 0
                raw.end = stream.recv_into(raw.data, raw.size)
                if raw.end == 0:
                    raise PeerError("upstream prematurely closed connection while reading upstream",
                                    sent=True)
                continue
            if piece == END:
                break
            count = min(count, room)
            if piece == STDERR:
                self.said += raw.data[raw.start:raw.start + count]
            else:
                memcpy(into, raw.data + raw.start, count)
            raw.start += count
            self.records.took(count)
            if piece != STDERR:
                self._note()
                return count
        self._note()
        if self.attempt is None:
            raise PeerError("upstream prematurely closed FastCGI stdout" + READING,
                            sent=True, invalid=True)
        return 0

    cdef int _note(self) except -1:
        """Log what came on STDERR; while the head is read, it may make the answer a failure."""
        cdef bytes said = self.said
        if not said:
            return 0
        self.said = b""
        text = said[:LONGEST].rstrip(b"\r\n").decode(errors="replace")
        self.exchange.report("error", f"FastCGI sent in stderr: \"{text}\"")
        if self.attempt is None and self.caught is not None:
            if any([one in said for one in self.caught]):
                raise PeerError(f"FastCGI sent in stderr what fastcgi_catch_stderr names{READING}",
                                sent=True, invalid=True)
        return 0

    cdef void complete(self) noexcept:
        """The content is over; the connection can be used again once the last record has come."""
        cdef bint whole = False
        try:
            whole = self.keeps and self._at_end(self.connection.stream)
        except Exception as error:
            poller.report("unhandled at the end of a FastCGI answer", error)
        self._end(whole)

    cdef bint _at_end(self, Stream stream) except -1:
        """Whether nothing more is to come, as far as can be seen without waiting."""
        cdef Buffer raw = self.raw
        cdef Py_ssize_t used = 0, count = 0
        cdef Piece piece
        while not self.records.over:
            try:
                piece = self.records.next(raw.data + raw.start, raw.length(), &used, &count)
            except ProtocolError:
                return False
            raw.start += used
            if piece == MORE:
                try:
                    count = stream.try_recv(raw.data, raw.size)
                except OSError:
                    return False
                raw.start = raw.end = 0
                if count <= 0:
                    return False
                raw.end = count
            elif piece == STDERR:
                self.said += raw.data[raw.start:raw.start + count]
                raw.start += count
                self.records.took(count)
            elif piece != END:
                return False        # more than its Content-Length said
        self._note()
        return raw.start == raw.end

    cdef void _end(self, bint whole) noexcept:
        CgiAnswer._end(self, whole)
        self._let_go()

    cdef void _let_go(self) noexcept:
        give_back(self.raw)
        self.raw = None
        self.exchange = None
