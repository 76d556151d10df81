from forkproxy.core.exchange cimport Exchange, Response

# An exchange inside of another: GET `uri`, to be asked. With `with_body` it has the parent's
# request body, which is read and stored first. Waits.
cpdef Exchange subrequest(Exchange parent, bytes uri, bytes args, bint with_body=*)

# An exchange that answers as its parent is about to: the same location, from the content phase on.
cpdef Exchange clone(Exchange parent)

# Take a subrequest through its phases; the caller reads of the answer what it wants, then calls
# `end`. What raises has ended it. Waits.
cpdef Response ask(Exchange inner)

# Let go of what is left of the answer, and log it where log_subrequest says so. May be called
# twice.
cpdef int end(Exchange inner) except -1

# Ask it in a greenlet of its own, read its answer to the end and throw it away.
cpdef int in_background(Exchange inner) except -1

# How many are still under way in the background.
cpdef int under_way() noexcept

# Read the request's body as a whole, so that more than one can have it. Waits.
# `buffered`: false where only what is here already is stored, whatever client_body_in_file_only
# says.
cdef int store_body(Exchange exchange, bint buffered=*) except -1
