cdef class Spans:
    """A value for each number: a table of where one value ends and the next begins."""

    cdef readonly list starts           # sorted
    cdef readonly list values           # of the numbers from there on

    cdef object find(self, object number)


cdef class Networks:
    """A set of networks of both IP versions, perhaps with Unix sockets; asked by text."""

    cdef Spans four
    cdef Spans six
    cdef readonly bint sockets

    cdef bint has(self, bytes address) except -1


# The number of an address, and whether it is IPv4 (mapped ones are); None for a Unix socket and for
# what is no address.
cdef object number_of(bytes address, bint* four)
# The address that trusted proxies say a request came from, as (address, port); None where nobody
# does. `lines`: X-Forwarded-For, the last line last.
cpdef tuple forwarded(bytes address, list lines, Networks trusted, bint recursive)
