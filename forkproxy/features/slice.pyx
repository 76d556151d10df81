"""slice: a large answer is asked for, and kept, in parts of one size.

    slice 1m;
    proxy_set_header Range $slice_range;
    proxy_cache_key $uri$is_args$args$slice_range;
    proxy_cache_valid 200 206 1h;

The first part is what the request would get; the others are asked for one after another, when they
are needed, each as a request inside of this one. Of what the client asks for a range, only the
parts are fetched that it lies in.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.expressions cimport Slot
from forkproxy.core.plan cimport Filter, Location
from forkproxy.core.subrequest cimport ask, clone, end
from forkproxy.wire.content_range cimport Span, content_range
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport (
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, RANGE,
)

from forkproxy.errors import Gone, PeerError

DEF AHEAD = 1460                # octets that are there before the head is sent, as nginx's
DEF WASTE = 65536
DEF MOST_DIGITS = 18


cdef class SliceError(Exception):
    """What came is not the part that was asked for."""


cdef class SliceRange(Slot):
    """$slice_range: the part that is asked for, as a value of Range."""

    cdef dict sizes                 # Location to octets

    def __init__(self, str name not None, int index):
        Slot.__init__(self, name, index)
        self.sizes = {}

    cdef bytes value(self, Exchange exchange):
        cdef bytes found = self.asked(exchange)
        cdef long long size, start
        if found is not None or exchange.parent is not None:
            return found
        size = self.sizes.get(exchange.location, 0)
        if size == 0:
            return None
        start = _first(exchange.head.fields) // size * size
        found = _range(start, size)
        self.keep(exchange, found)
        return found

    cdef bytes asked(self, Exchange exchange):
        """The part that this exchange has asked for; None: it has not used the variable."""
        cdef list values = exchange.values
        if values is None or self.index >= len(values):
            return None
        if exchange.parent is not None and values is exchange.parent.values:
            return None             # an include within a sliced page is not a part of it
        return <bytes> values[self.index]


cdef bytes _range(long long start, long long size):
    return b"bytes=%d-%d" % (start, start + size - 1)


cdef long long _first(Fields asked) except -1:
    """The octet that the client wants first, as far as one range says so."""
    cdef bytes text = asked.known_value(RANGE)
    if text is None or asked.find_known(IF_RANGE) >= 0 or text[:6].lower() != b"bytes=":
        return 0
    text = text[6:].lstrip(b" ").partition(b"-")[0]
    if b"," in asked.known_value(RANGE) or not text.isdigit() or len(text) > MOST_DIGITS:
        return 0
    return int(text)


cdef class Slices(Filter):

    cdef SliceRange variable
    cdef long long size

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Sliced body
        if response.status != 206 or not response.from_upstream:
            return 0
        if exchange.parent is not None or self.variable.asked(exchange) is None:
            return 0
        body = Sliced.__new__(Sliced)
        body.exchange = exchange
        body.filter = self
        try:
            body.begin(response)
        except SliceError as error:
            exchange.failure = str(error).encode()
            exchange.keep_alive = False
            response.close_unanswered = True
            return 0
        response.status = 200
        response.reason = None
        for name in (CONTENT_RANGE, CONTENT_LENGTH, ACCEPT_RANGES):
            response.fields.remove_known(name)
        response.allow_ranges = response.single_range = True
        if response.body is None:
            response.declared_length = body.length
        else:
            response.body = body
            exchange.defer(body.close)
        return 0


cdef class Sliced(Body):
    """The whole content, or what was cut out of it, made of its parts."""

    cdef Exchange exchange
    cdef Slices filter
    cdef Exchange inner             # who asked for the part that is read; None: the first
    cdef Body part                  # None: none is open
    cdef long long start            # in the whole: what the part has still to give
    cdef long long stop
    cdef long long at               # in the whole: what is sent next
    cdef long long end
    cdef long long whole            # octets of the whole
    cdef bytes etag
    cdef bytes front                # what was read before the head was sent
    cdef Py_ssize_t used            # of it

    cdef int begin(self, Response response) except -1:
        """Take the first part over; raise SliceError where it is not one."""
        cdef Span said = _content_range(response.fields)
        self.etag = response.fields.known_value(ETAG)
        self.whole = said.total
        if said.start % self.filter.size or (
                said.stop != min(said.start + self.filter.size, self.whole)):
            raise SliceError(f"unexpected range in slice response: {said.start}-{said.stop}")
        self.part = response.body
        self.start = said.start
        self.stop = said.stop
        self.length = self.end = self.whole
        return 0

    cdef bint cut(self, long long start, long long length) except -1:
        self.at = start
        self.end = start + length
        self.length = length
        return True

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        """As nginx, which postpones its first octets: what ends this early leaves no answer."""
        cdef bytes front
        cdef Py_ssize_t room, count, used = 0
        if self.front is None:
            room = min(AHEAD, self.end - self.at)
            front = PyBytes_FromStringAndSize(NULL, room)
            try:
                while used < room:
                    count = self._read(PyBytes_AS_STRING(front) + used, room - used)
                    used += count
            except PeerError as error:
                self.exchange.report("error", error.reason)
                self.exchange.status = error.status
                raise Gone("nothing was sent of an answer in slices") from None
            self.front = front
        octets[0] = PyBytes_AS_STRING(self.front) + self.used
        return PyBytes_GET_SIZE(self.front) - self.used

    cdef void took(self, Py_ssize_t count) noexcept:
        self.used += count

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count = 0
        if self.front is not None:
            count = min(room, PyBytes_GET_SIZE(self.front) - self.used)
        if count:
            memcpy(into, PyBytes_AS_STRING(self.front) + self.used, count)
            self.used += count
            return count
        return self._read(into, room)

    cdef Py_ssize_t _read(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while self.at < self.end:
            if self.part is None or not self.start <= self.at < self.stop:
                self._open()
            self._skip(self.at - self.start)
            room = min(room, min(self.stop, self.end) - self.at)
            count = self.part.read_into(into, room)
            if count == 0:
                raise PeerError("a slice ended before its end", sent=True)
            self.start += count
            self.at += count
            return count
        return 0

    cdef int _skip(self, long long count) except -1:
        """Read what of the part the client does not want. Waits."""
        cdef bytes waste
        cdef Py_ssize_t went
        if count == 0:
            return 0
        waste = PyBytes_FromStringAndSize(NULL, min(count, WASTE))
        while self.start < self.at:
            went = self.part.read_into(PyBytes_AS_STRING(waste),
                                       min(self.at - self.start, PyBytes_GET_SIZE(waste)))
            if went == 0:
                raise PeerError("a slice ended before its end", sent=True)
            self.start += went
        return 0

    cdef int _open(self) except -1:
        """Ask for the part in which the next octet lies. Waits."""
        cdef long long size = self.filter.size, start = self.at // size * size
        cdef Exchange inner
        cdef Response response
        self._leave()
        inner = clone(self.exchange)
        inner.values = list(inner.values)
        self.filter.variable.keep(inner, _range(start, size))
        response = ask(inner)
        self.inner = inner
        try:
            self._check(response, start, min(start + size, self.whole))
        except SliceError as error:
            raise PeerError(str(error), sent=True) from None
        self.part = response.body
        self.start = start
        self.stop = min(start + size, self.whole)
        return 0

    cdef int _check(self, Response response, long long start, long long stop) except -1:
        cdef Span said
        if response.status != 206 or response.body is None:
            raise SliceError(f"unexpected status code {response.status} in slice response")
        if response.fields.known_value(ETAG) != self.etag:
            raise SliceError("etag mismatch in slice response")
        said = _content_range(response.fields)
        if said.start != start or said.stop != stop or said.total != self.whole:
            raise SliceError(f"unexpected range in slice response: {said.start}-{said.stop}")
        return 0

    cdef int _leave(self) except -1:
        cdef Body part = self.part
        self.part = None
        if part is not None:
            part.close()
        if self.inner is not None:
            end(self.inner)
            self.inner = None
        return 0

    cpdef void close(self):
        self._leave()


cdef Span _content_range(Fields fields) except *:
    cdef Span found
    if not content_range(fields.known_value(CONTENT_RANGE), &found):
        raise SliceError("invalid range in slice response")
    return found


def define(http, making):
    """Make $slice_range known."""
    making.slots["slice_range"] = SliceRange("slice_range", making.next_index())


def install(scope, Location location not None, making):
    """Hang the slices of a scope on a location's filters: before all others."""
    cdef Slices made
    size = scope.value("slice")
    if not size:
        return
    made = Slices.__new__(Slices)
    made.size = size
    made.variable = making.slots["slice_range"]
    made.variable.sizes[location] = size
    location.filters = location.filters + (made,)
