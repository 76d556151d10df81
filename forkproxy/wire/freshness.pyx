"""What Cache-Control, Age and Vary say (RFC 9111 §5): parsed, and not judged."""

import re

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE

from forkproxy.wire.fields cimport Fields
from forkproxy.wire.names cimport AGE

cdef dict ALONE = {
    b"no-store": NO_STORE, b"public": PUBLIC, b"must-revalidate": MUST_REVALIDATE,
    b"proxy-revalidate": PROXY_REVALIDATE, b"must-understand": MUST_UNDERSTAND,
    b"immutable": IMMUTABLE, b"only-if-cached": ONLY_IF_CACHED,
}

# The last values seen and what they mean: an origin says the same few things over and over.
cdef dict parsed = {}
DEF MOST_PARSED = 512


cdef class CacheControl:

    def __cinit__(self):
        self.max_age = self.s_maxage = self.min_fresh = self.max_stale = ABSENT
        self.stale_while_revalidate = self.stale_if_error = ABSENT

    cdef int _take(self, bytes name, bytes value) except -1:
        """Take in one directive; of those given twice the first counts (RFC 9111 §4.2.1)."""
        cdef int alone = ALONE.get(name, 0)
        if alone:
            self.flags |= alone
        elif name == b"no-cache":
            if value:
                self.no_cache_fields = (self.no_cache_fields or ()) + _names(value)
            else:
                self.flags |= NO_CACHE
        elif name == b"private":
            if value:
                self.private_fields = (self.private_fields or ()) + _names(value)
            else:
                self.flags |= PRIVATE
        elif name == b"max-age":
            if self.max_age == ABSENT:
                self.max_age = _seconds(value)
        elif name == b"s-maxage":
            if self.s_maxage == ABSENT:
                self.s_maxage = _seconds(value)
        elif name == b"stale-while-revalidate":
            if self.stale_while_revalidate == ABSENT:
                self.stale_while_revalidate = _seconds(value)
        elif name == b"stale-if-error":
            if self.stale_if_error == ABSENT:
                self.stale_if_error = _seconds(value)
        elif name == b"min-fresh":
            self.min_fresh = _seconds(value)
        elif name == b"max-stale":
            if value is None:
                self.flags |= MAX_STALE_ANY
            else:
                self.max_stale = _seconds(value)
        return 0


cdef long long _seconds(bytes value) noexcept:
    return INVALID if value is None else delta_seconds(value)


cpdef CacheControl cache_control(bytes value):
    cdef CacheControl made
    key = value
    found = parsed.get(key)
    if found is not None:
        return <CacheControl> found
    made = CacheControl.__new__(CacheControl)
    if value is not None:
        _parse(made, value)
    if len(parsed) >= MOST_PARSED:
        parsed.clear()
    parsed[key] = made
    return made


cdef int _parse(CacheControl into, bytes value) except -1:
    """Directives between commas: a token, and perhaps "=" with a token or a quoted string."""
    cdef Py_ssize_t at = 0, end = PyBytes_GET_SIZE(value), mark
    cdef const char* text = PyBytes_AS_STRING(value)
    cdef bytes name, argument
    while at < end:
        mark = at
        while at < end and text[at] != c"," and text[at] != c"=":
            at += 1
        # White space around "=" makes it something else than the directive (§5.2: no such grammar).
        name = value[mark:at].lstrip(b" \t").lower()
        argument = None
        if at < end and text[at] == c"=":
            at += 1
            if at < end and text[at] == c'"':
                mark = at + 1
                at = _end_of_quoted(text, mark, end)
                argument = value[mark:at]
                if b"\\" in argument:
                    argument = _unescaped(argument)
                while at < end and text[at] != c",":
                    at += 1
            else:
                mark = at
                while at < end and text[at] != c",":
                    at += 1
                argument = value[mark:at].rstrip(b" \t")
        else:
            name = name.rstrip(b" \t")
        at += 1
        if name:
            into._take(name, argument)
    return 0


cdef Py_ssize_t _end_of_quoted(const char* text, Py_ssize_t at, Py_ssize_t end) noexcept:
    while at < end and text[at] != c'"':
        at += 2 if text[at] == c"\\" else 1
    return min(at, end)


cdef bytes _unescaped(bytes text):
    return re.sub(rb"(?s)\\(.)", rb"\1", text)


cdef tuple _names(bytes value):
    return tuple([name.strip().lower() for name in value.split(b",") if name.strip()])


cpdef long long delta_seconds(bytes text) noexcept:
    cdef const char* data = PyBytes_AS_STRING(text)
    cdef Py_ssize_t index, length = PyBytes_GET_SIZE(text)
    cdef long long number = 0
    if length == 0:
        return INVALID
    for index in range(length):
        if not c"0" <= data[index] <= c"9":
            return INVALID
        if number < FOREVER:
            number = number * 10 + (data[index] - c"0")
    return min(number, <long long> FOREVER)


cpdef tuple vary_names(bytes value):
    cdef list found = []
    if not value:
        return ()
    for name in value.split(b","):
        name = name.strip(b" \t").lower()
        if name == b"*":
            return (b"*",)
        if name and name not in found:
            found.append(name)
    return tuple(sorted(found))


cpdef bytes without_space(bytes value):
    if b"," not in value:
        return value.strip(b" \t")
    return b",".join([part for part in [one.strip(b" \t") for one in value.split(b",")] if part])


cdef long long age_of(Fields fields) except? -3:
    cdef list found
    if not (fields.seen >> <int> AGE) & 1 and fields.added is None:
        return 0
    found = fields.all(b"age")
    if not found:
        return 0
    # RFC 9111 §5.1 of a list: "SHOULD use the first member of the field value". We are stricter:
    # whoever says two ages does not know one, and what is taken for older than it is does no harm.
    return delta_seconds(<bytes> found[0]) if len(found) == 1 else INVALID
