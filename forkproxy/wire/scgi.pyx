"""SCGI: headers as one netstring, then the content as it is."""

from forkproxy.wire.writer cimport Writer


cdef int put_param(Writer to, bytes name, bytes value) except -1:
    to.put_bytes(name.replace(b"\0", b""))
    to.put(b"\0", 1)
    to.put_bytes(value.replace(b"\0", b""))
    return to.put(b"\0", 1)


cdef int put_params(Writer to, Writer params) except -1:
    to.put_number(params.used)
    to.put(b":", 1)
    to.put(params.data, params.used)
    return to.put(b",", 1)


def request(list params not None, bytes content not None=b""):
    """Return a whole request as octets: [(name, value)], CONTENT_LENGTH the first, and content."""
    cdef Writer to = Writer(), pairs = Writer()
    for name, value in params:
        put_param(pairs, name, value)
    put_params(to, pairs)
    to.put_bytes(content)
    return to.taken()
