"""add_before_body, add_after_body: the content of other answers around that of one.

They are asked for by subrequests, each when all before it was sent.
"""

from forkproxy.core.content cimport Wrapped, content_changes, has_type
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.plan cimport Filter, Location
from forkproxy.core.subrequest cimport ask, end, subrequest

from forkproxy.errors import PeerError


cdef class Addition(Filter):

    cdef bytes before           # paths; b"": none
    cdef bytes after
    cdef object types           # media types; None: all

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Surrounded body = None
        if response.status != 200 or response.body is None and exchange.method != b"HEAD":
            return 0
        if not has_type(response, self.types):
            return 0
        if response.body is not None:
            body = Surrounded(response.body)
            body.exchange = exchange
            body.before = self.before
            body.after = self.after
        content_changes(response, body)
        return 0


cdef class Surrounded(Wrapped):
    """A body with others before and behind it."""

    cdef Exchange exchange
    cdef bytes before           # what is still to be asked for
    cdef bytes after
    cdef bint over              # the inner body was read to its end
    cdef Exchange added         # whose answer is being sent
    cdef Body body              # and its content

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while True:
            if self.before:
                self._enter(self.before)
                self.before = b""
            if self.body is not None:
                count = self._of_added(into, room)
                if count:
                    return count
                self._leave()
            if not self.over:
                count = self.inner.read_into(into, room)
                if count:
                    return count
                self.over = True
                self.trailers = self.inner.trailers
            if not self.after:
                return 0
            self._enter(self.after)
            self.after = b""

    cdef int _enter(self, bytes path) except -1:
        self.added = subrequest(self.exchange, path, None)
        self.body = ask(self.added).body
        if self.body is None:
            self._leave()
        return 0

    cdef Py_ssize_t _of_added(self, char* into, Py_ssize_t room) except -1:
        try:
            return self.body.read_into(into, room)
        except PeerError as error:
            self.added.report("error", error.reason)
            return 0

    cdef int _leave(self) except -1:
        self.body = None
        if self.added is not None:
            end(self.added)
            self.added = None
        return 0

    cdef Body read_on(self):
        self.inner = self.inner.read_on()
        return self

    cpdef void close(self):
        try:
            self._leave()
        finally:
            self.inner.close()


def install(scope, Location location not None, making):
    """Hang the addition on a location's filters, where its scope says so."""
    cdef Addition made
    before, after = scope.value("add_before_body"), scope.value("add_after_body")
    if not before and not after:
        return
    made = Addition.__new__(Addition)
    made.before = before.encode()
    made.after = after.encode()
    types = scope.value("addition_types")
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    location.filters = location.filters + (made,)
