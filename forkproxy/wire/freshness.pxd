from forkproxy.wire.fields cimport Fields

# The directives of Cache-Control that stand alone: bits of CacheControl.flags.
cdef enum Said:
    NO_STORE = 1
    NO_CACHE = 2            # without fields, or in a request
    PRIVATE = 4             # without fields
    PUBLIC = 8
    MUST_REVALIDATE = 16
    PROXY_REVALIDATE = 32
    MUST_UNDERSTAND = 64
    IMMUTABLE = 128
    ONLY_IF_CACHED = 256
    MAX_STALE_ANY = 512     # max-stale without a number

# What a number of seconds is when it is not there, or no number.
cdef enum:
    ABSENT = -1
    INVALID = -2

# RFC 9111 §1.2.2: a number that is too large is this one.
cdef enum:
    FOREVER = 2147483648


cdef class CacheControl:
    """What a message's Cache-Control lines say (RFC 9111 §5.2), or lines like them (RFC 9213)."""

    cdef readonly int flags                     # Said
    cdef readonly long long max_age             # seconds, ABSENT or INVALID; so the following
    cdef readonly long long s_maxage
    cdef readonly long long stale_while_revalidate
    cdef readonly long long stale_if_error
    cdef readonly long long min_fresh
    cdef readonly long long max_stale
    cdef readonly tuple no_cache_fields         # of no-cache="a, b", in lower case; None
    cdef readonly tuple private_fields

    cdef int _take(self, bytes name, bytes value) except -1


# Parse the joined lines, None: there are none.
cpdef CacheControl cache_control(bytes value)
# Delta-seconds (RFC 9111 §1.2.2): a number up to FOREVER, or INVALID.
cpdef long long delta_seconds(bytes text) noexcept
# The names that Vary lists, in lower case and in order, each once; (b"*",) where that is among
# them.
cpdef tuple vary_names(bytes value)
# A field's value without what does not matter: white space around commas, empty members.
cpdef bytes without_space(bytes value)
# How old the answer was when it came: the number of Age, 0 without one, INVALID where it is none.
cdef long long age_of(Fields fields) except? -3
