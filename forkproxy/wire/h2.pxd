from libc.stdint cimport int32_t, uint32_t

from forkproxy.wire.fields cimport Fields
from forkproxy.wire.h2_flood cimport Flood
from forkproxy.wire.h2_head cimport FieldBlock
from forkproxy.wire.head cimport HeadLimits, RequestHead
from forkproxy.wire.nghttp2 cimport nghttp2_nv, nghttp2_session
from forkproxy.wire.writer cimport Writer

# Error codes (RFC 9113 §7).
cdef enum:
    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    REFUSED_STREAM = 7
    CANCEL = 8
    ENHANCE_YOUR_CALM = 11


cdef class H2Stream:
    """One request and its answer, as frames: what has come of it, and what is to go."""

    cdef readonly int id
    cdef object owner                   # of the floors above: who serves it; None at first
    cdef FieldBlock block               # while the head is being decoded
    cdef readonly RequestHead head      # None until it is complete, and where it was none
    cdef readonly int status            # of the refusal, where it was none
    cdef readonly str wrong             # and the reason
    cdef readonly bint tunnel           # an extended CONNECT (RFC 8441)
    cdef readonly bint bare             # it ended with its head: there is no content
    cdef readonly bint ended            # the client has said all it will say
    cdef readonly bint closed           # nothing more can come or go
    cdef readonly bint malformed        # its content is not as long as it says
    cdef readonly uint32_t code         # why it was closed
    cdef readonly Fields trailers       # of the request
    cdef readonly long long received    # octets of content
    cdef Writer came                    # octets of content that nobody has taken; None: none
    cdef Py_ssize_t gone                # of these have been taken
    cdef const char* lent               # octets of content that are to go; they stay where they are
    cdef Py_ssize_t lent_length
    cdef Py_ssize_t chunk               # octets of a DATA frame
    cdef readonly bint last             # nothing follows what is lent
    cdef readonly bint done             # the end of the answer has gone
    cdef readonly long long sent        # octets of frames
    cdef bint announced                 # its head was complete once
    cdef bint fresh                     # its head is complete, and nobody has begun to serve it
    cdef bint noted                     # it is in the session's news

    cdef Py_ssize_t there(self) noexcept        # octets that can be taken
    cdef const char* octets(self) noexcept      # and where they are


cdef class Session:
    """The server's side of one HTTP/2 connection: octets in, news out, and octets to send.

    No socket, no clock: who owns it reads and writes, and says when time is over.
    """

    cdef nghttp2_session* session
    cdef readonly dict streams          # those that are open, by number
    cdef readonly list news             # streams of which something has changed
    cdef Writer out                     # octets to send
    cdef Py_ssize_t most                # so many are made at a time, and a frame
    cdef readonly HeadLimits limits
    cdef readonly int most_streams
    cdef readonly int running           # streams that were announced and are not released
    cdef readonly int last_id           # the largest number that the client used
    cdef readonly int heading           # the stream whose head is being received; 0: none
    cdef Py_ssize_t heading_octets
    cdef int continuations
    cdef Py_ssize_t window              # of a stream before its body is read
    cdef bytes begun                    # of the client's preface; None: it is complete
    cdef bint unasked                   # the next acknowledgement of settings is of none
    cdef readonly bint agreed           # our settings were acknowledged
    cdef readonly bint failed           # the connection is over, but for what is still to send
    cdef readonly bint going            # GOAWAY with the last stream was sent
    cdef readonly str trouble           # why, for the log
    cdef Flood flood
    cdef dict refused                   # streams we reset while the client might still send
    cdef nghttp2_nv* fields
    cdef int count
    cdef int room

    cdef int feed(self, const char* octets, Py_ssize_t length) except -1
    cdef int fill(self, Py_ssize_t most) except -1      # `out`, up to so many octets
    cdef void went(self, Py_ssize_t count) noexcept     # that many of `out` were sent
    cdef void save(self) noexcept       # nothing is under way: give memory back
    cdef bint over(self) noexcept       # nothing will come and nothing is left to say

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

    cdef int take(self, H2Stream stream, Py_ssize_t count) except -1    # so many octets were used
    cdef int widen(self, H2Stream stream, int32_t window) except -1     # let that much come
    cdef int reset(self, H2Stream stream, uint32_t code) except -1
    cdef int release(self, H2Stream stream) except -1   # nobody serves it any more
    cdef int warn(self) except -1       # GOAWAY that lets in what is under way
    cdef int go_away(self) except -1    # GOAWAY: nothing new is taken
    cdef int fail(self, uint32_t code, str reason) except -1

    cdef int _begin(self, const char* octets, Py_ssize_t length) except -1
    cdef int _take(self, const char* octets, Py_ssize_t length) except -1
    cdef int note(self, H2Stream stream) except -1
    cdef void _heed(self, H2Stream stream) noexcept
    cdef int _opened(self, int id, bint ends) except -1
    cdef int _headed(self, H2Stream stream, bint ends) except -1
    cdef int _came(self, int id, const char* octets, Py_ssize_t length) except -1
    cdef int _ended(self, H2Stream stream) except -1
    cdef int _closed(self, int id, uint32_t code) except -1
    cdef int _refuse(self, int id) except -1
    cdef int _frame(self, int type, int flags, int id, Py_ssize_t length) except -1
