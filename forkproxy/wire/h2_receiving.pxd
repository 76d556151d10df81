from libc.stdint cimport int32_t, uint32_t

from forkproxy.wire.h2_head cimport FieldBlock
from forkproxy.wire.h2_sending cimport Sending
from forkproxy.wire.h2_stream cimport H2Stream
from forkproxy.wire.head_limits cimport HeadLimits
from forkproxy.wire.nghttp2 cimport nghttp2_session_callbacks


cdef class Receiving(Sending):
    """What a session hears: octets in, and news of its streams."""

    cdef readonly HeadLimits limits
    cdef readonly int most_streams
    cdef readonly int running           # streams that were announced and are not released
    cdef readonly int last_id           # the largest number that the client used
    cdef readonly int heading           # the stream whose head is being received; 0: none
    cdef Py_ssize_t heading_octets
    cdef int continuations
    cdef Py_ssize_t window              # of a stream before its body is read
    cdef bytes begun                    # of the client's preface; None: it is complete
    cdef readonly bint agreed           # our settings were acknowledged
    cdef dict refused                   # streams we reset while the client might still send

    cdef int feed(self, const char* octets, Py_ssize_t length) except -1
    cdef int take(self, H2Stream stream, Py_ssize_t count) except -1    # so many octets were used
    cdef int widen(self, H2Stream stream, int32_t window) except -1     # let that much come
    cdef int release(self, H2Stream stream) except -1   # nobody serves it any more

    cdef int _begin(self, const char* octets, Py_ssize_t length) except -1
    cdef int _take(self, const char* octets, Py_ssize_t length) except -1
    cdef int _frame(self, int type, int flags, int id, Py_ssize_t length) except -1
    cdef int _opened(self, int id, bint ends) except -1
    cdef int _refuse(self, int id) except -1
    cdef int _headed(self, H2Stream stream, bint ends) except -1
    cdef int _judge(self, H2Stream stream, FieldBlock block, bint ends) except -1
    cdef int _came(self, int id, const char* octets, Py_ssize_t length) except -1
    cdef int _ended(self, H2Stream stream) except -1
    cdef int _closed(self, int id, uint32_t code) except -1
    cdef int _remember(self, int id) except -1


cdef void call_when_receiving(nghttp2_session_callbacks* callbacks) noexcept
