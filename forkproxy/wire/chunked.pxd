from forkproxy.wire.fields cimport Fields

cdef class ChunkedDecoder:
    """The chunked coding, taken off in place (RFC 9112 §7.1)."""

    cdef readonly bint done
    cdef readonly Fields trailers            # None until the end, and where there are none
    cdef readonly long long received         # octets of content so far
    cdef int state
    cdef unsigned long long left
    cdef int digits
    cdef Py_ssize_t extension                # octets of extensions so far
    cdef bint blank                          # white space behind the size, no ";" yet
    cdef bint quoted                         # inside of an extension's quoted value
    cdef bint escaped                        # behind a backslash there
    cdef bytearray tail                      # the trailer section as it comes
    cdef Py_ssize_t limit                    # the most octets of trailers

    # Take the coding off data[0:length]. The content found is moved to data[0:produced[0]];
    # consumed[0] octets were used up: all of them, but for what follows the last chunk's end.
    # Raises ProtocolError (400).
    cdef int decode(
        self, char* data, Py_ssize_t length, Py_ssize_t* consumed, Py_ssize_t* produced,
    ) except -1
    cdef int _step(self, unsigned char octet) except -1
    cdef int _extension(self, unsigned char octet) except -1
    cdef int _trailer(self, unsigned char octet) except -1
