# The names that the request path itself asks for. Told apart once, while a head is parsed, so
# that "is this a Connection line" is a comparison of two small numbers.
cdef enum Name:
    OTHER = 0
    HOST
    CONNECTION
    KEEP_ALIVE
    PROXY_CONNECTION
    TE
    TRAILER
    TRANSFER_ENCODING
    UPGRADE
    EXPECT
    CONTENT_LENGTH
    CONTENT_TYPE
    CONTENT_ENCODING
    CONTENT_RANGE
    DATE
    SERVER
    LOCATION
    REFRESH
    LAST_MODIFIED
    ETAG
    EXPIRES
    CACHE_CONTROL
    VARY
    AGE
    SET_COOKIE
    COOKIE
    ACCEPT_RANGES
    ACCEPT_ENCODING
    RANGE
    IF_RANGE
    IF_MATCH
    IF_NONE_MATCH
    IF_MODIFIED_SINCE
    IF_UNMODIFIED_SINCE
    USER_AGENT
    REFERER
    AUTHORIZATION
    X_FORWARDED_FOR
    X_REAL_IP
    X_ACCEL_REDIRECT
    X_ACCEL_EXPIRES
    X_ACCEL_LIMIT_RATE
    X_ACCEL_BUFFERING
    X_ACCEL_CHARSET
    X_PAD
    WWW_AUTHENTICATE
    STATUS
    LINK
    VIA
    FORWARDED
    UPGRADE_INSECURE_REQUESTS
    LAST_NAME          # how many there are; at most 63, so that a set of them is one 64-bit word


# In lower case, as bytes: each at the place of its Name.
cdef tuple NAMES

# Which Name these letters are, in any case. OTHER when none.
cdef Name name_of(const char* letters, Py_ssize_t length) noexcept nogil
# Equal but for case (ASCII).
cdef bint same_letters(const char* one, const char* other, Py_ssize_t length) noexcept nogil
# Whether the second is what a variable calls the first: in lower case, with "_" for "-".
cdef bint like_variable(const char* one, const char* variable, Py_ssize_t length) noexcept nogil


cdef class NameSet:
    """A fixed set of field names, asked for each line of each head."""

    cdef readonly frozenset names        # lower-case bytes
    cdef unsigned long long known        # one bit a Name
    cdef unsigned long long lengths      # one bit a length (mod 64) of the names that are OTHER
    cdef tuple others                    # lower-case bytes

    # A name in any case, and its Name.
    cdef bint has(self, int known, const char* letters, Py_ssize_t length) noexcept
