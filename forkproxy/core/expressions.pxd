from forkproxy.core.exchange cimport Exchange
from forkproxy.wire.writer cimport Writer


cdef class Variable:
    """One variable of the configuration, asked for its value when it is needed."""

    cdef readonly str name
    cdef bytes value(self, Exchange exchange)  # None: not found (logged as "-", empty elsewhere)


cdef class Slot(Variable):
    """A variable that set, map or a named capture defines; its value lives on the exchange."""

    cdef readonly int index
    cdef bytes fill(self, Exchange exchange)        # the value of one that nobody has set yet
    cdef void keep(self, Exchange exchange, bytes value)


cdef class Finding(Slot):
    """A variable that a feature finds out while it works; there is none until then."""

    cdef bint found(self, Exchange exchange) noexcept


cdef class Capture(Variable):
    """$1 to $9: a group of the last regular expression that matched."""

    cdef int group


cdef class Expression:
    """Text with variables in it, compiled: "http://$host/$1"."""

    cdef readonly str text
    cdef readonly tuple nodes           # bytes and Variables
    cdef readonly bint constant

    cdef bytes evaluate(self, Exchange exchange)
    cdef int write(self, Exchange exchange, Writer to) except -1


# Whether nginx takes a value for true in `if`, proxy_cache_bypass, access_log if=: not empty,
# not "0".
cdef bint truth(bytes value) noexcept
