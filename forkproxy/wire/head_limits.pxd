# What becomes of a head that other parsers might read in another way.
cpdef enum Framing:
    MONITOR             # what RFC 9112 lets a server repair is repaired, and said
    DEFENSIVE           # what leaves a doubt is refused
    STRICTEST           # what is unusual is refused


cdef class HeadLimits:
    """How large a request head may be: large_client_header_buffers, max_headers and their kin."""

    cdef readonly Py_ssize_t line            # octets in one line (8192)
    cdef readonly Py_ssize_t total           # octets in the whole head (1024 + 4 * 8192)
    cdef readonly Py_ssize_t listed          # HTTP/2: octets of names and values (4 * 8192)
    cdef readonly int fields                 # lines (1000)
    cdef readonly bint underscores           # underscores_in_headers
    # ignore_invalid_headers: lines with odd names are dropped; else they stay.
    cdef readonly bint ignore_invalid
    cdef readonly Framing framing            # request_framing


cdef HeadLimits DEFAULT_LIMITS

# Where the head that starts at data[0] ends: the octets up to and with its empty line, or 0 while
# it is incomplete. `scanned` is how far earlier calls on the same octets got (0 at first), and is
# moved on. A LF alone ends a line too. Raises ProtocolError: 414, 494 (see HeadLimits) once a limit
# is passed, also while incomplete.
cdef Py_ssize_t request_head_length(
    const char* data, Py_ssize_t length, Py_ssize_t* scanned, HeadLimits limits,
) except -1
cdef Py_ssize_t response_head_length(
    const char* data, Py_ssize_t length, Py_ssize_t* scanned, Py_ssize_t most,
) except -1

# Whether a request's method may begin with that octet: no other octet begins a request.
cdef bint begins_method(char octet) noexcept
