from forkproxy.wire.head cimport RequestHead, ResponseHead
from forkproxy.wire.head_limits cimport Framing

# Decide how long the content is, and whether the connection may be used again. Raise ProtocolError.
cdef int frame_request(RequestHead head, Framing mode) except -1
cdef int frame_response(ResponseHead head, bytes method) except -1
