cdef struct Span:
    long long start
    long long stop              # behind the last octet
    long long total             # octets of the whole

# What a Content-Range says; False where it is none in bytes, is invalid, or knows no total.
cdef bint content_range(bytes value, Span* into) noexcept
