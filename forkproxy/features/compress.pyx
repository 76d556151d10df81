"""gzip: answers are compressed while they are sent.

Octets never wait for others: what was read is flushed as soon as nothing more is at hand. An answer
that is at hand as a whole is compressed before its head is sent, and keeps a length.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.string cimport memcpy

from forkproxy.core.bodies cimport FileBody
from forkproxy.core.content cimport Wrapped, content_changes
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.incoming cimport Incoming
from forkproxy.core.plan cimport Filter, Location
from forkproxy.features.gzip_rules cimport GzipRules, gzip_rules, vary
from forkproxy.wire.coding cimport Accepted, accepted
from forkproxy.wire.fields cimport CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE

from forkproxy.features import encoders

DEF PIECE = 65536           # octets that are compressed in one go


cdef class Coding:
    """How one coding is used in a location."""

    cdef bytes name
    cdef object encoder         # makes a features.encoders.Encoder
    cdef frozenset types        # media types; None: all
    cdef long long least        # octets
    cdef GzipRules rules        # of gzip alone

    cdef bint fits(self, bytes media, long long length) except -1:
        if 0 <= length < self.least:
            return False
        return self.types is None or media in self.types


cdef class Compress(Filter):
    """Choose the coding that the client likes best, of equal ones the first in our order."""

    cdef tuple codings          # Codings
    cdef bint vary

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef Coding coding, best = None
        cdef bint fitting = False
        cdef bytes media
        cdef long long length
        cdef int liked = 0, quality
        cdef Accepted wanted
        if not _may_change(exchange, response):
            return 0
        media = _media_type(response)
        length = response.declared_length if response.body is None else response.body.length
        wanted = accepted(exchange.head.fields.joined(b"accept-encoding"))
        for coding in self.codings:
            if not coding.fits(media, length):
                continue
            fitting = True
            quality = wanted.preference(coding.name)
            if quality > liked and (
                    coding.rules is None or coding.rules.allow(exchange, response)):
                best = coding
                liked = quality
        if fitting and self.vary:
            vary(response)
        if best is not None:
            _encode(response, best, media)
        return 0


cdef bint _may_change(Exchange exchange, Response response) except -1:
    cdef bytes control
    if response.status not in (200, 403, 404):
        return False
    if response.body is None and exchange.method != b"HEAD":
        return False
    if response.fields.known_value(CONTENT_ENCODING):
        return False
    if response.fields.known_value(CACHE_CONTROL) is not None:
        # RFC 9111 §5.2.2.6: "an intermediary […] MUST NOT transform the content".
        control = response.fields.joined(b"cache-control")
        return b"no-transform" not in control.lower()
    return True


cdef bytes _media_type(Response response):
    cdef bytes given = response.fields.known_value(CONTENT_TYPE)
    return b"" if given is None else given.partition(b";")[0].strip().lower()


cdef int _encode(Response response, Coding coding, bytes media) except -1:
    cdef Compressed body = None
    if response.body is not None:
        body = Compressed(response.body)
        body.name = coding.name
        body.made_by = coding.encoder
        body.out = b""
        body.prompt = response.unbuffered or media == b"text/event-stream"
        body.never_waits = isinstance(response.body, FileBody)
    content_changes(response, body)
    return response.fields.set(b"Content-Encoding", coding.name)


cdef class Compressed(Wrapped):
    """A body in a coding."""

    cdef bytes name
    cdef object made_by         # makes the encoder, when the first octet is read
    cdef object encoder
    cdef bint prompt            # each piece is flushed, whatever is at hand behind it
    cdef bint never_waits       # the inner one: nothing need be flushed for its sake
    cdef bint over
    cdef bytes out              # compressed, and the first `used` octets sent
    cdef Py_ssize_t used
    cdef long long taken        # octets, before and after
    cdef long long given

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        cdef const char* there = NULL
        cdef Py_ssize_t count
        cdef bytes piece
        cdef bint first = self.encoder is None
        while self.used == PyBytes_GET_SIZE(self.out) and not self.over:
            count = min(self.inner.at_hand(&there), PIECE)
            if count == 0:
                return 0
            piece = PyBytes_FromStringAndSize(there, count)
            self.inner.took(count)
            self._take(piece)
        if first and self.over:
            self.length = PyBytes_GET_SIZE(self.out)
        octets[0] = PyBytes_AS_STRING(self.out) + self.used
        return PyBytes_GET_SIZE(self.out) - self.used

    cdef void took(self, Py_ssize_t count) noexcept:
        self.used += count

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        while self.used == PyBytes_GET_SIZE(self.out):
            if self.over:
                return 0
            self._take(self.inner.read())
        count = min(room, PyBytes_GET_SIZE(self.out) - self.used)
        memcpy(into, PyBytes_AS_STRING(self.out) + self.used, count)
        self.used += count
        return count

    cdef int _take(self, bytes piece) except -1:
        """Compress one piece of the inner body, b"" for its end."""
        cdef bytes out = b""
        if self.encoder is None:
            self.encoder = self.made_by()
        self.taken += PyBytes_GET_SIZE(piece)
        if piece:
            out = self.encoder.feed(piece)
        if not piece or self._was_last():
            out += self.encoder.finish()
            self.over = True
            self.trailers = self.inner.trailers
        elif self.prompt or self._nothing_follows():
            out += self.encoder.flush()
        self.out = out
        self.used = 0
        self.given += PyBytes_GET_SIZE(out)
        return 0

    cdef bint _was_last(self) noexcept:
        if isinstance(self.inner, Incoming):
            return (<Incoming> self.inner).ended
        return self.taken == self.inner.length

    cdef bint _nothing_follows(self) except -1:
        cdef const char* there = NULL
        return not self.never_waits and self.inner.at_hand(&there) == 0

    cdef Body read_on(self):
        self.inner = self.inner.read_on()
        return self


cdef class Ratio(Variable):
    """$gzip_ratio: how many times as long the content was before."""

    cdef bytes coding

    cdef bytes value(self, Exchange exchange):
        cdef Compressed body
        cdef long long hundredths
        if exchange.response is None or not isinstance(exchange.response.body, Compressed):
            return None
        body = <Compressed> exchange.response.body
        if body.name != self.coding or body.given == 0:
            return None
        hundredths = (body.taken * 1000 // body.given + 5) // 10
        return b"%d.%02d" % (hundredths // 100, hundredths % 100)


def define(making):
    """Define the variables that tell how well answers were compressed."""
    cdef Ratio made = Ratio("gzip_ratio")
    made.coding = b"gzip"
    making.slots["gzip_ratio"] = made


cdef Coding _coding(scope, str name, object encoder):
    cdef Coding made = Coding.__new__(Coding)
    cdef tuple types = scope.value(f"{name}_types")
    made.name = name.encode()
    made.encoder = encoder
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    made.least = scope.value(f"{name}_min_length")
    return made


def install(scope, Location location not None, making):
    """Hang compression on a location's filters, where its scope says so."""
    cdef Compress made
    cdef Coding coding
    cdef list codings = []
    if scope.value("gzip"):
        coding = _coding(scope, "gzip", encoders.gzip(
            scope.value("gzip_comp_level"), scope.value("gzip_window")))
        coding.rules = gzip_rules(scope)
        codings.append(coding)
    if codings:
        made = Compress.__new__(Compress)
        made.codings = tuple(codings)
        made.vary = scope.value("gzip_vary")
        location.filters = location.filters + (made,)
