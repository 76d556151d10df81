cdef class ProxyLine:
    """What a PROXY header says of the connection that a proxy in front of us took."""

    cdef readonly bytes address         # of the client; None: the proxy did not say
    cdef readonly int port
    cdef readonly bytes server_address  # where the client connected to
    cdef readonly int server_port
    cdef readonly bytes additions       # version 2: the type-length-value records, as they came

    cpdef bytes tlv(self, str name)

# Read the PROXY header that octets begin with: its length goes to `length`, 0 while it is not
# complete. Raises ProtocolError.
cdef ProxyLine parse_proxy_line(const char* octets, Py_ssize_t count, Py_ssize_t* length)
