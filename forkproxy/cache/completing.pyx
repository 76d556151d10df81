"""Asking for what is missing, and no more: what is there and what comes are one answer.

RFC 9111 §3.3, §3.4. If-Range says of what content the piece is to be; so it does not matter how old
the parts are that are there. Where another content has come since, the origin sends all of it.
"""

import os

from forkproxy.cache.decide cimport STORED
from forkproxy.cache.entry cimport ALONE, Entry
from forkproxy.cache.fill cimport COMES, WHOLE, Fill
from forkproxy.cache.hit cimport shown
from forkproxy.cache.keep cimport part_of
from forkproxy.cache.parts cimport (
    merged, same_content, same_representation, strong_validator,
)
from forkproxy.cache.terms cimport Terms
from forkproxy.cache.visit cimport Visit
from forkproxy.cache.wanted cimport wanted_of
from forkproxy.cache.zone cimport HIT
from forkproxy.core.bodies cimport FileBody
from forkproxy.core.exchange cimport Body, Exchange, Response
from forkproxy.wire.content_range cimport Span
from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport CONTENT_LENGTH, CONTENT_RANGE

from forkproxy.cache import extents
from forkproxy.cache.entry import file_name
from forkproxy.cache.job import Job
from forkproxy.cache.scribe import scribe
from forkproxy.errors import PeerError


cdef bint want_missing(Terms terms, Exchange exchange, Visit visit) except *:
    cdef Entry there = visit.partial
    cdef list wanted
    if there is None or there.mark.flags & ALONE or not visit.cacheable:
        return False
    visit.shown = (0, there.mark.length)
    if visit.ranged:
        wanted = wanted_of(terms, exchange, there)
        if wanted is None or len(wanted) != 1:
            return False
        visit.shown = wanted[0]
    gaps = extents.missing(there.extents, *visit.shown)
    if len(gaps) != 1 or gaps[0] == visit.shown:
        return False
    # Where nothing validates what is there, only a 200 is of use: an origin that sends a 206 is
    # asked once more, for the whole, and what is there goes.
    visit.if_range = strong_validator(there.fields())
    start, stop = visit.piece = gaps[0]
    visit.range = b"bytes=%d-" % start
    if stop != there.mark.length:
        visit.range += b"%d" % (stop - 1)
    return True


cdef Response of_use(Terms terms, Exchange exchange, Visit visit, Response response):
    if not response.from_upstream or response.status not in (206, 304, 416):
        visit.piece = None
        return response
    if response.status == 206 and _is_the_piece(visit, response):
        if _open_sides(visit):
            return response
    if response.body is not None:
        response.body.close()
    visit.piece = visit.range = visit.if_range = None
    _drop(visit)
    return terms.origin.ask(exchange)


cdef bint _is_the_piece(Visit visit, Response response) except *:
    cdef Span span
    if part_of(response, &span) != STORED:
        return False
    start, stop = visit.piece
    # By its length: how much comes in chunks is not known before the octets behind it are due.
    return (span.start == start and span.stop == stop and span.total == visit.partial.mark.length
            and response.body.length == stop - start
            and same_representation(visit.partial.fields(), response.fields))


cdef int _drop(Visit visit) except -1:
    """Delete the parts that are of no use."""
    zone, place, identity = visit.zone, visit.place, visit.partial.mark.identity
    scribe.submit(Job(zone, 0, lambda shelf: shelf.drop(place, identity), lambda _: None))
    return 0


cdef Response completed(Terms terms, Exchange exchange, Visit visit, Response piece):
    cdef Entry there = visit.partial
    cdef Response made = Response(200, merged(there.fields(), piece.fields, frozenset()))
    cdef Fields fields = made.fields
    cdef Joined body
    start, stop = visit.shown
    fields.remove_known(CONTENT_LENGTH)
    fields.remove_known(CONTENT_RANGE)
    made.from_upstream = True
    made.cached = piece.cached
    if visit.ranged:
        made.status = 206
        fields.add(b"Content-Range", b"bytes %d-%d/%d" % (start, stop - 1, there.mark.length))
    else:
        made.allow_ranges = made.single_range = True
    body = Joined.__new__(Joined)
    body.length = stop - start
    body.pieces = [visit.sides[0], piece.body, visit.sides[1]]
    made.body = body
    exchange.defer(body.close)
    return made


cdef Response follow_piece(Terms terms, Exchange exchange, Visit visit, Fill fill):
    cdef Entry there = visit.partial, head
    cdef Response piece
    if there is None or not fill.partial or not (fill.stage == COMES or fill.stage == WHOLE):
        return None
    visit.shown = (0, there.mark.length)
    visit.piece = (fill.part.start, fill.part.stop)
    head = fill.head()
    if (extents.missing(there.extents, *visit.shown) != (visit.piece,)
            or not same_content(there, head) or not _open_sides(visit)):
        visit.piece = None
        return None
    piece = Response(206, head.fields())
    piece.cached = True
    piece.body = fill.follow()
    piece = completed(terms, exchange, visit, piece)
    exchange.upstream_fields = piece.fields
    visit.piece = None
    visit.status = HIT
    visit.zone.count_status(HIT, piece.body.length)
    return shown(terms, exchange, visit, piece)


cdef bint _open_sides(Visit visit) except *:
    """Have what is there before the piece, and behind it, at hand; False where it has gone."""
    try:
        visit.sides = (_of_file(visit, visit.shown[0], visit.piece[0]),
                       _of_file(visit, visit.piece[1], visit.shown[1]))
    except OSError:
        return False            # it was evicted meanwhile
    return True


cdef Body _of_file(Visit visit, long long start, long long stop):
    """These octets of what is there. Raises OSError."""
    path = f"{visit.zone.bodies}/{file_name(visit.partial.mark.identity)}"
    return FileBody(os.open(path, os.O_RDONLY | os.O_CLOEXEC), start, stop - start)


cdef class Joined(Body):

    cdef bint _at_piece(self) noexcept:
        """Go on to the next piece where one is at its end; False behind the last."""
        while self.left == 0 and self.pieces:
            if self.piece is not None:
                self.piece.close()
            self.piece = <Body> self.pieces.pop(0)
            self.left = self.piece.length
        return self.left > 0

    cdef Py_ssize_t at_hand(self, const char** octets) except -1:
        return min(self.piece.at_hand(octets), self.left) if self._at_piece() else 0

    cdef const char* hold(self, const char* octets, Py_ssize_t count) except NULL:
        return self.piece.hold(octets, count)

    cdef void took(self, Py_ssize_t count) noexcept:
        self.left -= count
        self.piece.took(count)

    cdef Py_ssize_t read_into(self, char* into, Py_ssize_t room) except -1:
        cdef Py_ssize_t count
        if not self._at_piece():
            return 0
        count = self.piece.read_into(into, min(room, self.left))
        if count == 0:
            raise PeerError("a missing part ended before its end", sent=True)
        self.left -= count
        return count

    cpdef void close(self):
        for piece in self.pieces:
            piece.close()
        self.pieces = []
        if self.piece is not None:
            self.piece.close()
            self.piece = None
        self.left = 0
