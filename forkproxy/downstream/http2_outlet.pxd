from forkproxy.net.poller cimport Flush
from forkproxy.net.stream cimport Stream
from forkproxy.wire.h2 cimport Session


cdef enum:
    FULL = 65536            # octets of frames that are made before they are written


cdef class Outlet(Flush):
    """What goes out on an HTTP/2 connection: the one place that writes to its socket."""

    cdef Session session
    cdef Stream socket
    cdef bint asked                     # a flush is under way, or will come with the turn's end
    cdef bint lost                      # the socket takes nothing more, ever

    # Make frames of what is there to send, and see to it that they go with the end of this turn.
    cdef int produce(self) except -1
    # Send what was made; whether all of it went. For who has more than fits.
    cdef bint push(self) except -1

    # Of the connection. In the hub: streams have news; all that was made has gone; not all; nothing
    # ever will.
    cdef void released(self, Stream stream) noexcept    # the exchange of a Substream is over
    cdef void hear(self) noexcept
    cdef void sent(self) noexcept
    cdef void moved(self) noexcept      # some of it went, and nobody knows yet whether all
    cdef void stuck(self) noexcept
    cdef void broke(self) noexcept
