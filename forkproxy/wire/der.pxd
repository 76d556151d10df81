cdef struct Span:
    const unsigned char* at
    const unsigned char* end

# All of some octets, which must stay.
cdef Span span(bytes octets)
cdef bint reads(Span one, bytes octets) noexcept
cdef bint same(Span one, Span other) noexcept

# Each takes the next element off a span, and tells whether it was one of that kind.
cdef bint take(Span* of, unsigned char tag, Span* into) noexcept
cdef bint take_integer(Span* of, Span* into) noexcept
cdef bint take_oid(Span* of, Span* into) noexcept
cdef bint take_octets(Span* of, Span* into) noexcept
cdef bint take_time(Span* of, double* into) noexcept
