from forkproxy.wire.fields cimport Fields
from forkproxy.wire.head cimport RequestHead
from forkproxy.wire.head_limits cimport HeadLimits
from forkproxy.wire.writer cimport Writer


cdef class FieldBlock:
    """The fields of one HTTP/2 message head or trailer section, as they are decoded."""

    cdef HeadLimits limits
    cdef Writer lines                   # the ordinary fields, as HTTP/1 writes them
    cdef bytes method
    cdef bytes scheme
    cdef bytes path
    cdef bytes authority
    cdef bytes protocol                 # of an extended CONNECT
    cdef bytes host
    cdef Writer cookie                  # the line of it, of all crumbs so far
    cdef Py_ssize_t listed              # octets of names and values
    cdef int fields                     # how many there were
    cdef bint ordinary                  # a field has come that is no pseudo-header
    cdef str wrong                      # why this is no message; None: nothing is wrong so far
    cdef int urgency                    # of a `priority` field (RFC 9218); -1: none came
    cdef bint incremental
    cdef bint keyed                     # it has a Sec-WebSocket-Key, which RFC 8441 makes no use of
    cdef bint tunnel                    # an extended CONNECT, made a request to upgrade

    cdef void begin(self, HeadLimits limits) noexcept
    # Take one field. False: names and values are more than the limits allow.
    cdef bint add(self, const char* name, Py_ssize_t name_length, const char* value,
                  Py_ssize_t value_length) except -1
    # The whole as a head that took so many octets. Raises ProtocolError.
    cdef RequestHead request(self, Py_ssize_t octets)
    # The whole as trailers. Raises ProtocolError.
    cdef Fields trailers(self)

    cdef int _pseudo(self, const char* name, Py_ssize_t length, bytes value) except -1
    cdef bint _special(self, const char* name, Py_ssize_t length, const char* value,
                       Py_ssize_t value_length) except -1
    cdef int _upgrade(self) except -1
    cdef int _refuse(self, str why) except -1
