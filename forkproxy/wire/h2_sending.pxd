from libc.stdint cimport uint32_t

from forkproxy.wire.h2_flood cimport Flood
from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.nghttp2 cimport (
    nghttp2_nv, nghttp2_session, nghttp2_session_callbacks,
)
from forkproxy.wire.writer cimport Writer

# Error codes (RFC 9113 §7).
cdef enum:
    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    REFUSED_STREAM = 7
    CANCEL = 8
    ENHANCE_YOUR_CALM = 11


cdef class Sending:
    """What a session says: heads, content and resets of its streams, as frames in a buffer."""

    cdef nghttp2_session* session
    cdef readonly dict streams          # those that are open, by number
    cdef readonly list news             # streams of which something has changed
    cdef Writer out                     # octets to send
    cdef Py_ssize_t most                # when there are so many, no other frame is made
    cdef readonly bint failed           # the connection is over, but for what is still to send
    cdef readonly bint going            # GOAWAY with the last stream was sent
    cdef readonly str trouble           # why, for the log
    cdef bint unasked                   # the next acknowledgement of settings is of none
    cdef Flood flood
    cdef nghttp2_nv* fields
    cdef int count
    cdef int room

    cdef int fill(self, Py_ssize_t most) except -1      # `out`, up to so many octets and a frame
    cdef void went(self, Py_ssize_t count) noexcept     # that many of `out` were sent
    cdef void save(self) noexcept       # nothing is under way: give memory back

    # A field of a head or trailers. What it points to must stay until it is submitted.
    cdef int put(self, const char* name, Py_ssize_t name_length, const char* value,
                 Py_ssize_t value_length) except -1
    cdef int inform(self, H2Stream stream) except -1    # the fields so far are a 1xx answer
    cdef int answer(self, H2Stream stream, bint content) except -1      # they are the answer's head
    # Let these octets go; they must stay until none of them is lent. `last`: the content ends.
    cdef int lend(self, H2Stream stream, const char* octets, Py_ssize_t length,
                  bint last) except -1
    cdef int trail(self, H2Stream stream) except -1     # the fields so far are its trailers
    cdef void reclaim(self, H2Stream stream) noexcept   # what is lent must not be used any more
    cdef int reset(self, H2Stream stream, uint32_t code) except -1

    cdef int note(self, H2Stream stream) except -1      # something has changed
    cdef int fail(self, uint32_t code, str reason) except -1
    cdef void _heed(self, H2Stream stream) noexcept


cdef void call_when_sending(nghttp2_session_callbacks* callbacks) noexcept
# An exception in what libnghttp2 has called: return what ends the session.
cdef int broken(Sending self, object error) noexcept
