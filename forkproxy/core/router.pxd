from forkproxy.core.exchange cimport Exchange, Response
from forkproxy.core.plan cimport Location, Server


cdef enum Found:
    NOTHING
    EXACT
    PREFIX
    REGEX
    SLASH_MISSING       # the location is that of the path with a slash at its end


cdef class Locations:
    """The location blocks of one level."""

    cdef dict exact                     # path to Location
    cdef list prefixes                  # paths, sorted
    cdef list inclusive                 # for each of them its Location
    cdef list outer  # for each of them the index of the longest prefix that is its own prefix, -1
    cdef dict slashless                 # those "/x/" to which "/x" is redirected, by b"/x"
    cdef tuple patterns                 # regex Locations, in file order

    cdef Location find(self, Exchange exchange, Found* how)
    cdef Location longest_prefix(self, bytes uri)
    cdef Location _nested(self, Exchange exchange, Location found, Found* how)


cdef class Names:
    """The server names of one listening address."""

    cdef dict exact                     # name to Server
    cdef dict leading                   # "*.example.com" as b".example.com"
    cdef dict trailing                  # "www.*" as b"www."
    cdef tuple patterns                 # (pattern, Server, captures)
    cdef readonly tuple servers         # all of them, the default first
    cdef readonly Server default
    cdef readonly bint alone            # the default is the only one: names need no look

    # exchange: keeps what a regular expression captured; None: there is none yet.
    cdef Server find(self, Exchange exchange, bytes name)

# Find the server of an exchange by its host, `first` where it has none, and normalise its URI
# as that server wants it.
# Raises ProtocolError.
cdef int choose_server(Exchange exchange, Names names, Server first) except -1

cdef int keep_captures(Exchange exchange, object match, tuple captures) except -1
