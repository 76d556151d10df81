from forkproxy.wire.head cimport RequestHead, ResponseHead

# Decide how long the content is, and whether the connection may be used again. Raise ProtocolError.
cdef int frame_request(RequestHead head) except -1
cdef int frame_response(ResponseHead head, bytes method) except -1
