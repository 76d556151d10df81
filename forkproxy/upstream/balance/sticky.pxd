from forkproxy.core.exchange cimport Exchange
from forkproxy.core.expressions cimport Expression
from forkproxy.shared.sessions cimport Sessions
from forkproxy.upstream.group cimport Group
from forkproxy.upstream.peer cimport Peer


cdef class Sticky:
    """Requests of one session go to one peer, for as long as it may be asked."""

    cdef tuple sources                  # Variables: the first that has a value is the session

    cdef bytes session(self, Exchange exchange)
    cdef Peer bound(self, Exchange exchange, Group group)           # None: to nobody
    cdef int mark(self, Exchange exchange, Peer peer) except -1     # it was asked: tell the client
    cdef int learn(self, Exchange exchange, Peer peer, bint over) except -1     # it has answered


cdef class StickyCookie(Sticky):
    """A cookie of ours names the peer."""

    cdef bytes start                    # NAME=
    cdef Expression domain              # None: the attribute is not sent
    cdef Expression samesite
    cdef bytes middle                   # "; httponly; secure", as far as asked for
    cdef bytes path
    cdef long long expires              # seconds; -1: with the browser; FOREVER

    cdef bytes _value(self, Exchange exchange, Peer peer)


cdef class StickyLearn(Sticky):
    """The application's own session: we learn which peer has made it."""

    cdef tuple created                  # Variables: sessions that an answer makes
    cdef Sessions sessions
    cdef double timeout
    cdef bint at_head                   # learn when an answer's head is there, not at its end
