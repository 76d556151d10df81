"""Content-Range: where the content of a 206 lies in the whole (RFC 9110 §14.4)."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

DEF MOST_DIGITS = 18            # so that no sum of two leaves 63 bits


cdef bint content_range(bytes value, Span* into) noexcept:
    cdef const char* text
    cdef Py_ssize_t at = 6, end
    cdef long long last = 0
    if value is None:
        return False
    text = PyBytes_AS_STRING(value)
    end = PyBytes_GET_SIZE(value)
    if end < at or not _is_bytes(text):
        return False
    if not _number(text, end, &at, &into.start) or not _past(text, end, &at, c"-"):
        return False
    if not _number(text, end, &at, &last) or not _past(text, end, &at, c"/"):
        return False
    if not _number(text, end, &at, &into.total) or at != end:
        return False
    into.stop = last + 1
    return into.start < into.stop <= into.total


cdef bint _is_bytes(const char* text) noexcept:
    """Whether it begins with the unit and its space, in any case."""
    cdef int index
    for index in range(5):
        if text[index] | 0x20 != (<const char*> b"bytes")[index]:
            return False
    return text[5] == c" "


cdef bint _past(const char* text, Py_ssize_t end, Py_ssize_t* at, char mark) noexcept:
    if at[0] == end or text[at[0]] != mark:
        return False
    at[0] += 1
    return True


cdef bint _number(const char* text, Py_ssize_t end, Py_ssize_t* at, long long* into) noexcept:
    cdef Py_ssize_t begin = at[0]
    into[0] = 0
    while at[0] < end and c"0" <= text[at[0]] <= c"9" and at[0] - begin <= MOST_DIGITS:
        into[0] = into[0] * 10 + (text[at[0]] - c"0")
        at[0] += 1
    return 0 < at[0] - begin <= MOST_DIGITS


def parse_content_range(bytes value not None):
    """Return (start, stop, total), `stop` behind the last octet; None where it says no such."""
    cdef Span found
    return (found.start, found.stop, found.total) if content_range(value, &found) else None
