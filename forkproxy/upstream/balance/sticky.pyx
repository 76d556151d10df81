"""sticky: cookie, route and learn; what binds a client's session to one peer.

A peer that drains keeps its sessions, and gets no new ones.
"""

from libc.stdint cimport uint64_t

import time

from forkproxy.clock cimport monotonic, wall
from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression, Variable
from forkproxy.shared.sessions cimport Sessions
from forkproxy.upstream.group cimport Group
from forkproxy.upstream.peer cimport Peer, digest, milliseconds

FOREVER = -2            # expires=max
SAMESITES = (b"strict", b"lax", b"none")
cdef bytes END_OF_TIME = b"; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000"


cdef class Sticky:
    """Also `sticky route` itself: a variable names the peer's route=."""

    def __init__(self, sources):
        self.sources = tuple(sources)

    cdef bytes session(self, Exchange exchange):
        return _first(self.sources, exchange)

    cdef Peer bound(self, Exchange exchange, Group group):
        cdef bytes session = self.session(exchange)
        if session is None:
            return None
        return <Peer> group.sessions.get(session)

    cdef int mark(self, Exchange exchange, Peer peer) except -1:
        return 0

    cdef int learn(self, Exchange exchange, Peer peer, bint over) except -1:
        return 0


cdef bytes _first(tuple variables, Exchange exchange):
    cdef bytes value
    for variable in variables:
        value = (<Variable> variable).value(exchange)
        if value:
            return value
    return None


cdef class StickyCookie(Sticky):

    def __init__(self, sources, bytes name not None, long long expires=-1, Expression domain=None,
                 bytes path=b"", bint httponly=False, bint secure=False, Expression samesite=None):
        super().__init__(sources)
        self.start = name + b"="
        self.expires = expires
        self.domain = domain
        self.samesite = samesite
        self.middle = (b"; httponly" if httponly else b"") + (b"; secure" if secure else b"")
        self.path = b"; path=" + path if path else b""

    cdef int mark(self, Exchange exchange, Peer peer) except -1:
        cdef list carried = exchange.carried
        if carried:
            # Of the peers that were asked, the last one is the session's.
            carried = [pair for pair in carried if not pair[1].startswith(self.start)]
        else:
            carried = []
        carried.append((b"Set-Cookie", self._value(exchange, peer)))
        exchange.carried = carried
        return 0

    cdef bytes _value(self, Exchange exchange, Peer peer):
        cdef list parts = [self.start, peer.session]
        cdef bytes value
        if self.expires == FOREVER:
            parts.append(END_OF_TIME)
        elif self.expires >= 0:
            date = _cookie_date(<long long> wall() + self.expires)
            parts.append(b"; expires=%b; max-age=%d" % (date, self.expires))
        if self.domain is not None:
            value = self.domain.evaluate(exchange)
            if value:
                parts += (b"; domain=", value)
        parts.append(self.middle)
        if self.samesite is not None:
            value = self.samesite.evaluate(exchange)
            if value and not self.samesite.constant and value.lower() not in SAMESITES:
                value = b"strict"
            if value:
                parts += (b"; samesite=", value)
        parts.append(self.path)
        return b"".join(parts)


cdef bytes _cookie_date(long long seconds):
    """As nginx writes it: Thu, 18-Nov-10 11:27:35 GMT, with four digits of the year after 2037."""
    moment = time.gmtime(seconds)
    year = "%Y" if moment.tm_year > 2037 else "%y"
    return time.strftime(f"%a, %d-%b-{year} %H:%M:%S GMT", moment).encode()


cdef class StickyLearn(Sticky):

    def __init__(self, sources, created, Sessions sessions not None, double timeout=600.0,
                 bint at_head=False):
        super().__init__(sources)
        self.created = tuple(created)
        self.sessions = sessions
        self.timeout = timeout
        self.at_head = at_head

    cdef Peer bound(self, Exchange exchange, Group group):
        cdef bytes session = self.session(exchange)
        cdef uint64_t known
        if session is None:
            return None
        known = self.sessions.look_up(digest(session), milliseconds(monotonic()),
                                      milliseconds(self.timeout))
        if not known:
            return None
        for peer in group.peers:
            if (<Peer> peer).session_number == known:
                return <Peer> peer
        return None

    cdef int learn(self, Exchange exchange, Peer peer, bint over) except -1:
        cdef bytes session
        cdef uint64_t now = milliseconds(monotonic())
        if over == self.at_head:
            return 0
        session = _first(self.created, exchange)
        if session is not None:
            self.sessions.make(digest(session), peer.session_number, now)
            return 0
        session = self.session(exchange)
        if session is not None:
            self.sessions.renew(digest(session), peer.session_number, now,
                                milliseconds(self.timeout))
        return 0
