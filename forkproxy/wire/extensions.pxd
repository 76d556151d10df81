from forkproxy.wire.der cimport Span

# Takes the extensions of a certificate off, and tells whether all are plainly good.
cdef bint take_extensions(Span* of) noexcept
