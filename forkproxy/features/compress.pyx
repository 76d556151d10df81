"""gzip, brotli, zstd: answers are compressed while they are sent.

Octets never wait for others: what was read is flushed as soon as nothing more is at hand. An answer
that is at hand as a whole is compressed before its head is sent, and keeps a length.
"""

from forkproxy.cache.coded cimport find_coded, keep_coded
from forkproxy.cache.entry cimport Entry, EntryBody
from forkproxy.cache.visit cimport Visit
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.content cimport Recoded, content_changes, media_type
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.expressions cimport Variable
from forkproxy.core.plan cimport Filter, Location
from forkproxy.features.gzip_rules cimport GzipRules, gzip_rules, vary
from forkproxy.wire.coding cimport Accepted, accepted
from forkproxy.wire.names cimport CACHE_CONTROL, CONTENT_ENCODING

from forkproxy.features import encoders


cdef class Coding:
    """How one coding is used in a location."""

    cdef bytes name
    cdef object encoder         # makes a features.encoders.Encoder
    cdef object once            # the same for what is kept, at a level that takes its time; None
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
        media = media_type(response)
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
        if best is not None and not _stored(exchange, response, best):
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


cdef bint _stored(Exchange exchange, Response response, Coding coding) except -1:
    """Answer with what the cache has in this coding; see to it that it has it the next time."""
    cdef Entry found
    if coding.once is None or not response.cached or not isinstance(exchange.cache, Visit):
        return False
    if not isinstance(response.body, (EntryBody, FileBody)):
        return False
    found = find_coded(<Visit> exchange.cache, coding.name)
    if found is None:
        keep_coded(<Visit> exchange.cache, coding.name, response, coding.once)
        return False
    response.body.close()
    content_changes(response, EntryBody(found))
    response.fields.set(b"Content-Encoding", coding.name)
    return True


cdef int _encode(Response response, Coding coding, bytes media) except -1:
    cdef Compressed body = None
    if response.body is not None:
        body = Compressed(response.body)
        body.name = coding.name
        body.made_by = coding.encoder
        body.prompt = response.unbuffered or media == b"text/event-stream"
        body.never_waits = isinstance(response.body, FileBody)
    content_changes(response, body)
    return response.fields.set(b"Content-Encoding", coding.name)


cdef class Compressed(Recoded):
    """A body in a coding."""

    cdef bytes name
    cdef object made_by         # makes the encoder, when the first octet is read
    cdef object encoder
    cdef bint prompt            # each piece is flushed, whatever is at hand behind it
    cdef bint never_waits       # the inner one: nothing need be flushed for its sake

    cdef bytes turn(self, bytes piece):
        cdef bytes out = b""
        if self.encoder is None:
            self.encoder = self.made_by(self.inner.length)
        if piece:
            out = self.encoder.feed(piece)
        if not piece or self.was_last():
            self.over = True
            return out + self.encoder.finish()
        if self.prompt or not self.never_waits and self.nothing_follows():
            return out + self.encoder.flush()
        return out


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
    cdef Ratio made
    for name, coding in NAMES.items():
        made = Ratio(f"{name}_ratio")
        made.coding = coding
        making.slots[f"{name}_ratio"] = made


# What the directives of a coding begin with, and what it is called in Content-Encoding.
NAMES = {"zstd": b"zstd", "brotli": b"br", "gzip": b"gzip"}


# The levels for what is compressed once and sent often: the next ones take many times as long.
cdef dict LEVELS_OF_KEPT = {"zstd": 15, "brotli": 9, "gzip": 9}


cdef object _encoder(scope, str name, int least=0):
    """What makes encoders of a coding at the level of a scope, but `least` at the least."""
    level = max(least, scope.value(f"{name}_comp_level"))
    if name == "zstd":
        return encoders.zstd(level)
    bits = scope.value(f"{name}_window").bit_length() - 1
    return encoders.gzip(level, bits) if name == "gzip" else encoders.brotli(level, bits)


cdef Coding _coding(scope, str name):
    cdef Coding made = Coding.__new__(Coding)
    types = scope.value(f"{name}_types")
    made.name = NAMES[name]
    made.encoder = _encoder(scope, name)
    if scope.value("compress_cached"):
        made.once = encoders.at_once(_encoder(scope, name, LEVELS_OF_KEPT[name]))
    made.types = None if "*" in types else frozenset(one.encode() for one in types)
    made.least = scope.value(f"{name}_min_length")
    made.rules = gzip_rules(scope) if name == "gzip" else None
    return made


def install(scope, Location location not None, making):
    """Hang compression on a location's filters, where its scope says so."""
    cdef Compress made
    wanted = scope.value("compress")
    names = [name for name in dict.fromkeys((*wanted, *NAMES)) if scope.value(name)]
    if names:
        made = Compress.__new__(Compress)
        made.codings = tuple(_coding(scope, name) for name in names)
        made.vary = scope.value("gzip_vary") or wanted and scope.given("gzip_vary") is None
        location.filters = location.filters + (made,)
