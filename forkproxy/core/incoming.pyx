"""The content of a message as it comes from a socket, the same for both sides."""

from libc.string cimport memcpy

from forkproxy.core.exchange cimport Body

from forkproxy.errors import ProtocolError


cdef class Incoming(Body):

    def __cinit__(self):
        self.left = -1

    cdef Py_ssize_t receive(self, char* into, Py_ssize_t room) except -1:
        raise NotImplementedError

    cdef int cut_short(self) except -1:
        raise NotImplementedError

    cdef int broken(self, str reason) except -1:
        raise NotImplementedError

    cdef void complete(self) noexcept:
        pass

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        cdef Py_ssize_t there
        if self.ended or self.buffer is None:
            return 0
        if self.decoder is not None:
            if self.content == 0 and self.buffer.end > self.buffer.start:
                self._decode()
                if self.ended:
                    return 0
            octets[0] = self.buffer.data + self.buffer.start
            return self.content
        there = self.buffer.length()
        if 0 <= self.left < there:
            there = self.left
        octets[0] = self.buffer.data + self.buffer.start
        return there

    cdef bint ends_with(self, Py_ssize_t count) noexcept:
        if self.decoder is not None:
            return self.decoder.done and count == self.content
        return count == self.left

    cdef bint drained(self, long long count) noexcept:
        return self.ended

    cdef bint quiet(self) except -1:
        cdef const char* octets = NULL
        return self.at_hand(&octets) == 0

    cdef void took(self, Py_ssize_t count) noexcept:
        self.buffer.start += count
        self._count(count)
        if self.decoder is not None:
            self.content -= count
            if self.content == 0:
                self.buffer.start += self.gap
                self.gap = 0
                if self.decoder.done:
                    self._over()
        elif self.left >= 0:
            self.left -= count
            if self.left == 0:
                self._over()

    cdef void _count(self, Py_ssize_t count) noexcept:
        self.content_read += count

    cdef void _over(self) noexcept:
        if not self.ended:
            self.ended = True
            self.complete()

    cdef int _decode(self) except -1:
        """Take the chunked coding off what is in the buffer: content, then `gap` used-up octets."""
        cdef Py_ssize_t consumed = 0, produced = 0
        try:
            self.decoder.decode(self.buffer.data + self.buffer.start, self.buffer.length(),
                                &consumed, &produced)
        except ProtocolError as error:
            self.broken(error.reason)
        self.content = produced
        self.gap = consumed - produced
        if self.decoder.done:
            self.trailers = self.decoder.trailers
        if produced == 0:
            self.buffer.start += self.gap
            self.gap = 0
            if self.decoder.done:
                self._over()
        return 0

    cdef int fill(self) except -1:
        """Read once more into the buffer, all of whose octets are used up."""
        cdef Py_ssize_t count
        self.buffer.start = self.buffer.end = 0
        count = self.receive(self.buffer.data, self.buffer.size)
        if count == 0:
            self.cut_short()
        self.buffer.end = count
        return 0

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef const char* octets = NULL
        cdef Py_ssize_t count
        while not self.ended:
            count = self.at_hand(&octets)
            if count:
                count = min(count, room)
                memcpy(into, octets, count)
                self.took(count)
                return count
            if self.ended:
                break
            if self.decoder is None:
                return self._read_past_buffer(into, room)
            self.fill()
        return 0

    cdef Py_ssize_t _read_past_buffer(self, char* into, Py_ssize_t room) except -1:
        """The buffer is empty, and nothing needs decoding: straight to where it is wanted."""
        cdef Py_ssize_t count
        if 0 <= self.left < room:
            room = self.left
        count = self.receive(into, room)
        if count == 0:
            if self.left > 0:
                self.cut_short()
            self._over()
            return 0
        self._count(count)
        if self.left > 0:
            self.left -= count
            if self.left == 0:
                self._over()
        return count
