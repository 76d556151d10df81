"""gunzip: content that comes as gzip is unpacked for clients that do not take it.

A piece at a time, so that content which unpacks to a thousand times its length needs no more memory
than other content. What is no gzip, or ends too early, cuts the answer.
"""

import zlib

from cpython.bytes cimport PyBytes_GET_SIZE

from forkproxy.core.content cimport Recoded, content_changes
from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Filter, Location
from forkproxy.features.gzip_rules cimport GzipRules, gzip_rules, vary
from forkproxy.wire.coding cimport accepted
from forkproxy.wire.names cimport CONTENT_ENCODING

from forkproxy.errors import PeerError

DEF PIECE = 65536           # octets that are unpacked in one go
DEF GZIP = 31               # what zlib calls it: 16, and the bits of the largest window


cdef class Gunzip(Filter):

    cdef GzipRules rules
    cdef bint vary

    def __init__(self):
        self.inside = True      # what is put into a page is unpacked before

    cdef int shape(self, Exchange exchange, Response response) except -1:
        cdef bytes coding = response.fields.known_value(CONTENT_ENCODING)
        if coding is None or coding.lower() != b"gzip" or response.status == 206:
            return 0
        if response.body is None and exchange.method != b"HEAD":
            return 0
        if self.vary:
            vary(response)
        if exchange.parent is None and self.rules.allow(exchange, response) and accepted(
                exchange.head.fields.joined(b"accept-encoding")).quality(b"gzip"):
            return 0
        content_changes(response, None if response.body is None else Gunzipped(response.body))
        response.fields.remove_known(CONTENT_ENCODING)
        return 0


cdef class Gunzipped(Recoded):
    """The content of a body of gzip's members."""

    cdef object member          # a zlib.decompressobj; None: none is begun
    cdef bytes left             # octets of the last piece that are to be unpacked

    cdef bytes turn(self, bytes piece):
        cdef bytes out
        if piece is not None:
            self.left = piece
            if not piece:
                return self._end()
        if self.member is None:
            self.member = zlib.decompressobj(GZIP)
        try:
            out = self.member.decompress(self.left, PIECE)
        except zlib.error as error:
            raise PeerError(f"content is no gzip: {error}", sent=True) from None
        if self.member.eof:
            self.left = self.member.unused_data
            self.member = None
            self.pending = PyBytes_GET_SIZE(self.left) > 0
        else:
            self.left = self.member.unconsumed_tail
            self.pending = PyBytes_GET_SIZE(self.left) > 0 or PyBytes_GET_SIZE(out) == PIECE
        if not self.pending and self.was_last():
            self._end()
        return out

    cdef bytes _end(self):
        if self.member is not None:
            raise PeerError("gzip of the content ends too early", sent=True)
        self.over = True
        return b""


def install(scope, Location location not None, making):
    """Hang the unpacking on a location's filters, where its scope says so."""
    cdef Gunzip made
    if scope.value("gunzip"):
        made = Gunzip()
        made.rules = gzip_rules(scope)
        made.vary = scope.value("gzip_vary")
        location.filters = location.filters + (made,)
