from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head_limits cimport HeadLimits


cdef class RequestHead:
    cdef readonly bytes raw                  # from the method to the empty line, whole
    cdef readonly Fields fields
    cdef Py_ssize_t line_start              # of the request line in raw
    cdef Py_ssize_t line_length
    cdef readonly bytes method
    cdef readonly bytes target               # as sent, "#fragment" cut
    cdef readonly bytes path                 # of the target, as sent: before "?", or b"*"
    cdef readonly bytes query                # after "?", or None
    cdef readonly bytes scheme               # of an absolute-form target, else None
    cdef readonly bytes authority            # of an absolute- or authority-form target, else None
    cdef readonly bytes host                 # the Host field's value, or None
    # Of the authority, else of Host: in lower case, without port; None where neither is there.
    cdef readonly bytes hostname
    cdef readonly int major                  # 2: it came by HTTP/2, and is as one of HTTP/1.1
    cdef readonly int minor                  # HTTP/1.minor: 0 or 1
    cdef readonly Py_ssize_t octets          # that the head took on the wire
    cdef readonly long long content_length   # -1 where there is none
    cdef readonly bint chunked
    cdef readonly bint keep_alive            # what this head asks for: version and Connection
    cdef readonly bint expect_continue       # Expect: 100-continue in an HTTP/1.1 request
    cdef readonly bint upgrade               # Connection names upgrade, and Upgrade is there
    cdef readonly bint connection_names      # Connection names more than close, keep-alive, upgrade
    cdef readonly str doubt                  # what was repaired; None: nothing

    cdef RequestHead stand_in(self, bytes came)
    cdef bytes line(self)                    # the request line, as it came


cdef class ResponseHead:
    cdef readonly bytes raw
    cdef readonly Fields fields
    cdef readonly int minor
    cdef readonly int status
    cdef readonly bytes reason
    cdef readonly long long content_length
    cdef readonly bint chunked
    cdef readonly bint keep_alive            # may this connection carry another message
    cdef readonly bint no_content            # of its status, or of the request's method
    cdef readonly bint connection_names


# Parse a whole head of which wire/head_limits told the length; framing is decided here
# (wire/framing). Raise ProtocolError.
cdef RequestHead parse_request(const char* data, Py_ssize_t length, HeadLimits limits)
# The same of an HTTP/2 request that was written down as HTTP/1: `raw` begins with method, target
# and " HTTP/2.0"; then its `more` lines that were none are not counted. It took so many octets.
cdef RequestHead parse_translated(bytes raw, bytes method, bytes target, int more,
                                  Py_ssize_t octets, HeadLimits limits)
# Field lines that end with an empty line: a trailer section.
cdef Fields parse_lines(bytes block, HeadLimits limits)
cdef ResponseHead parse_response(const char* data, Py_ssize_t length, bytes method)
